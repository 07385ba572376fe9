import type { Milliseconds } from './types.ts'

type Backoff = { readonly first: Milliseconds; readonly cap: Milliseconds }

/**
 * How long to wait after the `failures`-th failure in a row (from 1): full jitter, and no less than the server asked for,
 * up to the cap. `jitter` is in [0, 1).
 */
export function backoff({ first, cap }: Backoff, failures: number, jitter: number, retryAfter = 0): Milliseconds {
  const ceiling = Math.min(cap, first * 2 ** Math.min(failures - 1, 20))
  return Math.max(ceiling * jitter, Math.min(cap, retryAfter))
}
