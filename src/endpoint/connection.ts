import type { Socket } from 'node:net'
import type { Milliseconds } from '../credentials/types.ts'
import { IncomingBody } from './body.ts'
import { isLate, type Patience, type Stage } from './patience.ts'
import { HEAD_END, MOST_HEAD, mayBecomeHead, readHead } from './protocol/requestHead.ts'
import type { EndpointRequest } from './protocol/types.ts'

/** What may come before its time: no client of ours sends a request while another is being answered. */
const EARLY_BYTES = 8_192
/** A newcomer is not judged by what it has not sent yet for so long: on a busy machine that takes its time. */
const FRESH: Milliseconds = 50
const NOTHING = Buffer.alloc(0)

export type ConnectionOptions = {
  /** Of a clock that nobody sets. */
  readonly now: () => Milliseconds
  readonly patience: Patience
  /** Where requests have bodies, so many bytes more may come early. */
  readonly mostBody?: number
  /** Whatever came. */
  onData?(): void
  onRequest(connection: Connection, request: EndpointRequest): void
  /** What came is no request, or takes too long to become one. */
  onMalformed(connection: Connection): void
}

/**
 * HTTP/1.1 over one socket, one request at a time: nothing is looked at before the answer to what came before it has been
 * taken, and whoever sends more than a little in the meantime loses the connection.
 */
export class Connection {
  readonly remoteAddress: string | undefined
  /** The request in hand is not looked at yet. */
  queued = false
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  /** What was read and is not understood yet: an unfinished head, or what came before its time. */
  #read: Buffer = NOTHING
  /** A request has come whose answer is not out. */
  #inHand = false
  #body: IncomingBody | undefined
  #answered: 'served' | 'refused' | undefined
  #over = false
  /** Of what comes when nothing more is wanted. */
  #dropped = 0
  /** The peer sends no more. */
  #hungUp = false
  #since: Milliseconds
  /** What its patience counts from. */
  #moved: Milliseconds
  #tellEnd: (() => void) | undefined

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#since = options.now()
    this.#moved = this.#since
    this.remoteAddress = socket.remoteAddress
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('end', () => this.#hangUp())
    socket.on('error', () => socket.destroy())
    socket.once('close', () => this.#finish())
  }

  get stage(): Stage {
    if (this.#over) return 'over'
    if (this.queued) return 'queued'
    // Whoever is slow with a body waits for nothing of ours.
    if (this.#body !== undefined) return 'receiving'
    if (this.#inHand) return this.#socket.writableLength > 0 ? 'unread' : 'answering'
    if (this.#answered !== undefined) return this.#read.length === 0 ? this.#answered : 'receiving'
    return this.#options.now() - this.#since < FRESH ? 'fresh' : 'receiving'
  }

  /** Whether it has had no answer yet. */
  get isNew(): boolean {
    return this.#answered === undefined
  }

  /** When it had its last answer, or else when it came. */
  get since(): Milliseconds {
    return this.#since
  }

  onClose(callback: () => void): void {
    this.#socket.once('close', callback)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Ends what is late. */
  checkTime(now: Milliseconds): void {
    const { stage } = this
    if (!isLate(stage, now - this.#moved, this.#options.patience)) return
    if (this.#inHand || stage === 'served' || stage === 'refused') this.destroy()
    else this.#options.onMalformed(this)
  }

  /** The callback is called when the request in hand is answered, or its peer is gone. */
  onEnd(callback: () => void): void {
    this.#tellEnd = callback
  }

  /** The body of the request in hand; nothing where the peer is gone before its end. */
  readBody(bytes: number): Promise<Buffer | undefined> {
    const body = new IncomingBody(bytes)
    this.#body = body
    const early = this.#read
    this.#read = NOTHING
    this.#receiveBody(body, early)
    if (this.#hungUp || this.#over) body.giveUp()
    return body.whole
  }

  /** Answers the request in hand; nothing is read behind the last answer. */
  answer(text: string, how: 'served' | 'refused', last: boolean): void {
    if (this.#over) return
    this.#answered = how
    if (last || this.#hungUp) {
      this.end(text)
      return
    }
    this.#moved = this.#options.now()
    this.#socket.write(text, encodingOf(text))
    // Else whoever does not read would make us keep what he is sent.
    if (this.#socket.writableLength === 0) this.#next()
    else this.#socket.write('', () => this.#next())
  }

  /**
   * The last words. Closed at once with bytes unread, TCP would reset, and the peer might never see them: it has some time
   * to take them, and then some more to go.
   */
  end(text: string): void {
    const { stalled, linger } = this.#options.patience
    const after = (time: Milliseconds): NodeJS.Timeout => setTimeout(() => this.destroy(), time)
    this.#finish()
    let timer = after(stalled)
    this.#socket.once('finish', () => {
      clearTimeout(timer)
      timer = after(linger)
    })
    this.#socket.once('close', () => clearTimeout(timer))
    this.#socket.end(text, encodingOf(text))
  }

  #take(bytes: Buffer): void {
    this.#options.onData?.()
    if (this.#over) this.#drop(bytes)
    else if (this.#body !== undefined) this.#receiveBody(this.#body, bytes)
    else if (this.#inHand) this.#keepEarly(bytes)
    else this.#receiveHead(bytes)
  }

  #receiveHead(bytes: Buffer): void {
    const isFirst = this.#read.length === 0
    // Blank lines before a request are no request, and would look like the end of one (RFC 9112, section 2.2).
    const read = isFirst ? bytes.subarray(blanks(bytes)) : Buffer.concat([this.#read, bytes])
    if (read.length === 0) return
    if (isFirst && !this.isNew) this.#moved = this.#options.now()
    this.#read = NOTHING
    const end = read.indexOf(HEAD_END)
    const head = read.toString('latin1', 0, end < 0 ? read.length : end)
    if (head.length > MOST_HEAD) this.#options.onMalformed(this)
    else if (end >= 0) this.#receiveRequest(readHead(head), read.subarray(end + HEAD_END.length))
    else if (mayBecomeHead(head))
      this.#read = Buffer.from(read) // A slice would keep all that was read with it.
    else this.#options.onMalformed(this)
  }

  #receiveRequest(request: EndpointRequest | undefined, early: Buffer): void {
    if (request === undefined) {
      this.#options.onMalformed(this)
      return
    }
    this.#inHand = true
    if (early.length > 0) this.#keepEarly(early)
    if (!this.#over) this.#options.onRequest(this, request)
  }

  #receiveBody(body: IncomingBody, bytes: Buffer): void {
    const rest = body.take(bytes)
    if (rest === undefined) return
    this.#body = undefined
    this.#moved = this.#options.now()
    if (rest.length > 0) this.#keepEarly(rest)
  }

  #keepEarly(bytes: Buffer): void {
    const { mostBody = 0 } = this.#options
    // A copy here too.
    if (this.#read.length + bytes.length <= EARLY_BYTES + mostBody) this.#read = Buffer.concat([this.#read, bytes])
    else this.end('')
  }

  /** Who goes on and on behind its last answer is not read any more: every read takes memory that the process keeps. */
  #drop({ length }: Buffer): void {
    this.#dropped += length
    if (this.#dropped > EARLY_BYTES) this.#socket.pause()
  }

  /** The answer is out: what came in the meantime is looked at now. */
  #next(): void {
    if (this.#over) return
    const early = this.#read
    this.#read = NOTHING
    this.#inHand = false
    this.#since = this.#options.now()
    this.#moved = this.#since
    this.#tellOfEnd()
    if (early.length > 0) this.#receiveHead(early)
  }

  /** Whoever waits for a turn has an answer still; who hangs up while we are at work on it has gone. */
  #hangUp(): void {
    this.#hungUp = true
    if (this.queued || this.#over) return
    if (!this.#inHand && this.#read.length > 0) this.#options.onMalformed(this)
    else this.end('')
  }

  #finish(): void {
    this.#over = true
    this.#read = NOTHING
    this.#body?.giveUp()
    this.#body = undefined
    this.#tellOfEnd()
  }

  #tellOfEnd(): void {
    const tell = this.#tellEnd
    this.#tellEnd = undefined
    tell?.()
  }
}

/** A text of ASCII goes out without being encoded first. */
const encodingOf = (text: string): BufferEncoding => (Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8')

function blanks(bytes: Buffer): number {
  let first = 0
  while (bytes[first] === 0x0d || bytes[first] === 0x0a) first += 1
  return first
}
