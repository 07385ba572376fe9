import type { Milliseconds } from '../credentials/types.ts'

/**
 * How a connection stands. `over`: it has had its last answer, or has lost its right to one; `refused` and `served`: kept for
 * another request, after such an answer; `receiving`: no whole request yet; `fresh`: the same, and it has only just come;
 * `unread`: the peer does not take its answer; `queued`: its request waits for its turn; `answering`: we are at work.
 */
export type Stage = 'over' | 'refused' | 'receiving' | 'served' | 'fresh' | 'unread' | 'queued' | 'answering'

/** How long each may last. */
export type Patience = {
  /** For the whole request, from its first byte; for the first one, from the connection's beginning. */
  readonly receive: Milliseconds
  /** Between an answer and the next request. Above the 60 s of AWS's SDKs, so that they close and not we. */
  readonly keepAlive: Milliseconds
  /** While a request is in hand, and for whoever does not take its answer. */
  readonly stalled: Milliseconds
  /** How long a peer may take to read its last answer. */
  readonly linger: Milliseconds
}

/** Whether it has used up its patience. `over` has a timer of its own, and whoever waits for us is not late. */
export function isLate(stage: Stage, waited: Milliseconds, { receive, keepAlive, stalled }: Patience): boolean {
  if (stage === 'over' || stage === 'queued') return false
  if (stage === 'served' || stage === 'refused') return waited >= keepAlive
  return waited >= (stage === 'unread' || stage === 'answering' ? stalled : receive)
}
