import type { Logins } from './logins.ts'

/** A response as it came, not judged yet. */
export type SamlResponse = {
  /** The Response itself, XML: a secret. */
  readonly xml: string
  /** Where it came from, for messages: an address, or a file. */
  readonly from: string
  /** The ID of the request that it must answer, where there was one. */
  readonly inResponseTo?: string
  /** What was sent for it, and must not come back in a message. */
  readonly secrets?: readonly string[]
  /** It lies there whether it is fresh or not. */
  readonly isFile?: true
  /** To be called where the response says that the login was refused. */
  readonly onLoginRefused?: () => void
}

/** Where assertions come from; every call gets a new one. Throws Failure. */
export type ResponseSource = (signal: AbortSignal) => Promise<SamlResponse>

/** Reads a file as UTF-8; rejects with an error whose `code` is the system's (ENOENT, EACCES). */
export type ReadFile = (path: string, signal: AbortSignal) => Promise<string>

/** What the sources need of the world. */
export type SourceParts = {
  readonly read: ReadFile
  readonly now: () => number
  /** 128 bits as 32 hexadecimal digits, from a cryptographic generator: IDs of messages hang on it. */
  readonly randomId: () => string
  /** What became of logins; without, each is shown at every attempt. */
  readonly logins?: Logins
}
