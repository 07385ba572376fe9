import type { CredentialsView, Milliseconds } from '../../credentials/types.ts'
import type { EndpointProtocol } from './contract.ts'
import { notReady } from './replies.ts'
import type { Reply } from './types.ts'

/**
 * Clients give up after 1 s, and Go's of IMDS after 500 ms; a renewal that ends by then spares them a 503 and the second that
 * they sleep on it.
 */
const LONGEST_HOLD: Readonly<Record<EndpointProtocol, Milliseconds>> = { container: 700, imds: 400 }

/** Asks to wait for the credentials that long, and then to ask again. */
export type Hold = { readonly hold: Milliseconds }

/** There are no credentials: worth a wait, once. */
export function waitOrRefuse(protocol: EndpointProtocol, view: CredentialsView, held: boolean): Reply | Hold {
  if (!held) return { hold: LONGEST_HOLD[protocol] }
  return notReady(view.kind === 'none' ? view.lastFailure : undefined)
}
