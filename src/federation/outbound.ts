import type { Instant } from '../credentials/types.ts'

/** One request to an address that the operator has configured, or that a discovery document of such an address names. */
export type OutboundRequest = {
  readonly method: 'GET' | 'POST'
  /** An https URL. */
  readonly url: string
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The whole answer; whoever asked judges its status. */
export type OutboundAnswer = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** As UTF-8. */
  readonly body: string
  /** The local clock when the answer came. */
  readonly localTime: Instant
}

/**
 * What federation needs of HTTP: https only, no redirect is followed, an answer has an end in size and time. Throws Failure
 * (ProviderUnreachable, ProviderTimeout, ProviderUntrusted, ProviderRedirects, ProviderAnswerTooLarge, ProviderAnswerInvalid,
 * ProviderAddressInvalid) that names the address without its query, and nothing of what was sent or answered.
 */
export type Outbound = (request: OutboundRequest, signal: AbortSignal) => Promise<OutboundAnswer>
