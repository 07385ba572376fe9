import type { Milliseconds } from '../credentials/types.ts'
import { type Failure, toFailure } from '../errors/index.ts'
import type { Connection } from './connection.ts'
import { hasBody, isLast } from './protocol/requestHead.ts'
import type { EndpointRequest, Message } from './protocol/types.ts'
import type { IsLocal, messageFormat } from './sockets.ts'

/** One request, as the responders see it. */
export type Exchange = {
  readonly request: EndpointRequest
  readonly port: number
  readonly loopback: boolean
  /** Called once, when the peer is gone or has its answer. */
  onEnd(callback: () => void): void
  /**
   * The body, of exactly so many bytes: what Content-Length says, judged by whoever asks. Nothing where the peer is gone
   * before its end.
   */
  readBody(bytes: number): Promise<Buffer | undefined>
}

/** What all requests of a listener have in common. */
export type Listener = {
  readonly state: { readonly port: number; readonly closing: boolean }
  readonly limits: { readonly keepAlive: Milliseconds }
  readonly isLocal: IsLocal
  readonly date: () => string
  readonly format: ReturnType<typeof messageFormat>
  respond(exchange: Exchange): Message | Promise<Message>
  refuse(code: 'RequestMalformed' | 'Internal'): Message
  onReply?(status: number, seconds: number): void
  onFailure?(failure: Failure): void
}

/** A request in hand, until its answer is written. */
export class AskedExchange implements Exchange {
  readonly request: EndpointRequest
  readonly #connection: Connection
  readonly #listener: Listener
  /** On the clock of `performance`. */
  readonly #started: Milliseconds = performance.now()
  #wasRead = false
  #isAnswered = false

  constructor(connection: Connection, request: EndpointRequest, listener: Listener) {
    this.request = request
    this.#connection = connection
    this.#listener = listener
  }

  get port(): number {
    return this.#listener.state.port
  }

  get loopback(): boolean {
    return this.#listener.isLocal(this.#connection.remoteAddress)
  }

  onEnd(callback: () => void): void {
    this.#connection.onEnd(callback)
  }

  async readBody(bytes: number): Promise<Buffer | undefined> {
    const body = await this.#connection.readBody(bytes)
    this.#wasRead = body !== undefined
    return body
  }

  /** What needs no waiting is answered here and now, before the next request on the connection is read. */
  answer(): void {
    if (this.#connection.stage === 'over') return
    try {
      const reply = this.#listener.respond(this)
      if (reply instanceof Promise) reply.then((later) => this.#finish(later)).catch((error) => this.#fail(error))
      else this.#finish(reply)
    } catch (error) {
      this.#fail(error)
    }
  }

  #finish(reply: Message): void {
    if (this.#isAnswered || this.#connection.stage === 'over') return
    this.#isAnswered = true
    const { state, limits, date, format, onReply } = this.#listener
    const last = state.closing || reply.headers['Connection'] === 'close' || isLast(this.request) || this.#leavesBody()
    const keepAlive = last ? undefined : limits.keepAlive
    const text = format(reply, { date: date(), keepAlive, headOnly: this.request.method === 'HEAD' })
    this.#connection.answer(text, reply.status === 200 ? 'served' : 'refused', last)
    onReply?.(reply.status, (performance.now() - this.#started) / 1_000)
  }

  #fail(error: unknown): void {
    this.#listener.onFailure?.(toFailure(error))
    this.#finish(this.#listener.refuse('Internal'))
  }

  /** What is left of a body that nobody reads would be taken for the next request. */
  #leavesBody(): boolean {
    return !this.#wasRead && hasBody(this.request.headers)
  }
}
