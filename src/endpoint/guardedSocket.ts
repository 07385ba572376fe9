import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Milliseconds } from '../credentials/types.ts'

/** What may come before its time: no client of ours sends a request while another is being answered. */
const EARLY_BYTES = 8_192
/** A newcomer is not judged by what it has not sent yet for so long: on a busy machine that takes its time. */
const FRESH: Milliseconds = 50
const HEAD_END = '\r\n\r\n'
const NOTHING = Buffer.alloc(0)

/**
 * How a connection stands. `over`: it has had its last answer, or has lost its right to one; `refused` and `served`: kept for
 * another request, after such an answer; `receiving`: no whole request yet; `fresh`: the same, and it has only just come;
 * `unread`: the peer does not take its answer; `queued`: its request waits for its turn; `answering`: we are at work.
 */
export type Stage = 'over' | 'refused' | 'receiving' | 'served' | 'fresh' | 'unread' | 'queued' | 'answering'

/**
 * A socket that shows the HTTP server one request at a time. Node parses all that one read brings, a thousand small
 * requests in 64 kB, and each costs a few kB of heap before the first answer could stop it: so what follows a request's
 * head waits here until `release`, and whoever sends more than a little of it loses the connection.
 */
export class GuardedSocket extends Duplex {
  readonly remoteAddress: string | undefined
  /** A head became a request, whose answer is not finished: set by whoever answers it. */
  inHand = false
  /** That request is not looked at yet. */
  queued = false
  readonly #socket: Socket
  readonly #now: () => Milliseconds
  /** What came before its time. */
  #early: Buffer = NOTHING
  /** The last bytes of a head that has not ended: its end may be cut in two. */
  #tail: Buffer = NOTHING
  #answering = false
  /** What is still to come of the body that is wanted. */
  #wanted = 0
  readonly #earlyBytes: number
  #answered: 'served' | 'refused' | undefined
  /** Of what comes when nothing more is wanted. */
  #dropped = 0
  /** The peer sends no more. */
  #hungUp = false
  #since: Milliseconds

  /** `now` is of a clock that nobody sets. Where requests have bodies, `mostBody` bytes more may come early. */
  constructor(socket: Socket, now = (): Milliseconds => performance.now(), mostBody = 0) {
    super({ decodeStrings: false })
    this.#socket = socket
    this.#now = now
    this.#earlyBytes = EARLY_BYTES + mostBody
    this.#since = now()
    this.remoteAddress = socket.remoteAddress
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => this.#hangUp())
    socket.on('timeout', () => this.emit('timeout'))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  get stage(): Stage {
    if (this.writableEnded) return 'over'
    if (this.queued) return 'queued'
    // Whoever is slow with a body waits for nothing of ours.
    if (this.#wanted > 0) return 'receiving'
    if (this.#answering) return this.writableLength > 0 ? 'unread' : 'answering'
    if (this.#answered !== undefined) return this.#tail.length === 0 ? this.#answered : 'receiving'
    return this.#now() - this.#since < FRESH ? 'fresh' : 'receiving'
  }

  /** Whether it has had no answer yet. */
  get isNew(): boolean {
    return this.#answered === undefined
  }

  /** When it had its last answer, or else when it came. */
  get since(): Milliseconds {
    return this.#since
  }

  /** So many bytes behind the head are the body of the request in hand, and the HTTP server is to see them. */
  letThrough(bytes: number): void {
    const early = this.#early
    this.#early = NOTHING
    this.#wanted = bytes
    if (early.length > 0) this.#take(early)
    if (this.#hungUp && !this.readableEnded) this.push(null)
  }

  /** The answer is finished: what came in the meantime is looked at now. */
  release(answered: 'served' | 'refused'): void {
    const early = this.#early
    this.#early = NOTHING
    this.inHand = false
    this.#answering = false
    this.#wanted = 0
    this.#answered = answered
    this.#since = this.#now()
    if (early.length > 0) this.#take(early)
    if (this.#hungUp && !this.readableEnded) this.push(null)
  }

  /** For the HTTP server, which speaks to a net.Socket. */
  setTimeout(time: Milliseconds): this {
    this.#socket.setTimeout(time)
    return this
  }

  /** For the HTTP server too: closes once all that was written is out. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy()
    else this.once('finish', () => this.destroy())
    this.end()
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: string | Uint8Array, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #take(bytes: Buffer): void {
    if (this.writableEnded) {
      this.#drop(bytes)
      return
    }
    if (this.#answering) {
      const body = bytes.subarray(0, this.#wanted)
      this.#wanted -= body.length
      this.#show(body)
      if (body.length < bytes.length) this.#keep(bytes.subarray(body.length))
      return
    }
    // Blank lines before a request are no request, and would look like the end of one.
    const head = this.#tail.length === 0 ? bytes.subarray(blanks(bytes)) : bytes
    const end = this.#findEnd(head)
    if (end === undefined) {
      this.#show(head)
      return
    }
    this.#answering = true
    this.#show(head.subarray(0, end))
    // By now whoever answers may have said that it is a body.
    if (end < head.length) this.#take(head.subarray(end))
  }

  /**
   * Read, and yet dropped: closed with bytes unread, TCP would reset, and the peer might never see its answer. But who goes
   * on and on is not read any more, since every read takes memory that the process keeps.
   */
  #drop({ length }: Buffer): void {
    this.#dropped += length
    if (this.#dropped > EARLY_BYTES) this.#socket.pause()
  }

  /** Told of it while a request waits for its turn, the HTTP server would end the connection without an answer. */
  #hangUp(): void {
    this.#early = NOTHING
    this.#hungUp = true
    if (!this.queued) this.push(null)
  }

  /** Where the head ends in these bytes. One that never ends is the parser's to refuse: it counts. */
  #findEnd(bytes: Buffer): number | undefined {
    const before = this.#tail.length
    const seen = before === 0 ? bytes : Buffer.concat([this.#tail, bytes])
    const at = seen.indexOf(HEAD_END)
    // A copy: a slice would keep all that was read with it.
    this.#tail = at < 0 ? Buffer.from(seen.subarray(-HEAD_END.length + 1)) : NOTHING
    return at < 0 ? undefined : at + HEAD_END.length - before
  }

  #show(bytes: Buffer): void {
    if (bytes.length > 0 && !this.push(bytes)) this.#socket.pause()
  }

  #keep(bytes: Buffer): void {
    if (this.writableEnded) return
    if (this.#early.length + bytes.length <= this.#earlyBytes) {
      this.#early = Buffer.concat([this.#early, bytes])
      return
    }
    this.#early = NOTHING
    this.destroySoon()
  }
}

function blanks(bytes: Buffer): number {
  const first = bytes.findIndex((byte) => byte !== 0x0d && byte !== 0x0a)
  return first < 0 ? bytes.length : first
}
