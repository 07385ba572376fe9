import type { Retry } from '../../errors/index.ts'
import type { Milliseconds } from './types.ts'

const SECOND: Milliseconds = 1_000
const BACKOFF_FIRST = SECOND
const BACKOFF_CAP = 30 * SECOND
const BACKOFF_FLOOR = 250
/** Rights come back when somebody gives them back, and nothing tells of it. */
const SLOW = [5 * SECOND, 15 * SECOND, 60 * SECOND] as const

/** How long to wait after the `failures`-th failure in a row (from 1). `jitter` is in [0, 1). */
export function retryAfter(policy: Retry, failures: number, jitter: number): Milliseconds {
  if (policy === 'slow') return (SLOW[failures - 1] ?? SLOW[2]) * (1 - 0.1 * jitter)
  return Math.max(BACKOFF_FLOOR, jitter * Math.min(BACKOFF_CAP, BACKOFF_FIRST * 2 ** Math.min(failures - 1, 20)))
}

/**
 * How far passes are apart, at least, after that many which failed or wrote something: whoever is contradicted each
 * time slows down.
 */
export const gapAfter = (restless: number): Milliseconds =>
  Math.min(60 * SECOND, SECOND * 2 ** Math.max(0, Math.min(restless, 20) - 1))

/** How long to wait after the `conflicts`-th conflict in a row (from 1): replicas that collided go apart. */
export const afterConflict = (conflicts: number, jitter: number): Milliseconds =>
  jitter * Math.min(5 * SECOND, 100 * 2 ** Math.min(conflicts, 20))
