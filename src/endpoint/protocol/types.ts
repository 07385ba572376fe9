import type { Code, EndpointCode } from '../../errors/index.ts'

/** What was received, before anything is believed of it. */
export type EndpointRequest = {
  readonly method: string
  /** The request-target as it came (RFC 9112, section 3.2): never decoded, never normalised. */
  readonly target: string
  /** Of HTTP, as the request says it: `1.1`. */
  readonly version: string
  /** By lower-case name, every value that came: a header sent twice has two. */
  readonly headers: HeaderValues
}

export type HeaderValues = ReadonlyMap<string, readonly string[]>

/** `Success`, or why not. */
export type ReplyCode = 'Success' | EndpointCode | Extract<Code, 'Internal'>

export type Reply = Message & { readonly code: ReplyCode }

/** What goes over the wire. */
export type Message = {
  readonly status: number
  /** All but Content-Length and Date, which the sockets add. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Route = { readonly methods: readonly string[] }
/** What is answered, by its exact path. */
export type Routes = ReadonlyMap<string, Route>
