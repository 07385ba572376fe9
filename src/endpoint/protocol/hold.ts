import type { CredentialsView, Milliseconds } from '../../credentials/types.ts'
import { notReady } from './replies.ts'
import type { Reply } from './types.ts'

/** Clients give up after 1 s; a renewal that ends by then spares them a 503 and the second that they sleep on it. */
const LONGEST_HOLD: Milliseconds = 700

/** Asks to wait for the credentials that long, and then to ask again. */
export type Hold = { readonly hold: Milliseconds }

/** There are no credentials: worth a wait, once. */
export function waitOrRefuse(view: CredentialsView, held: boolean): Reply | Hold {
  if (!held) return { hold: LONGEST_HOLD }
  return notReady(view.kind === 'none' ? view.lastFailure : undefined)
}
