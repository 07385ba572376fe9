import type { Retry } from '../../errors/index.ts'
import { gapAfter, retryAfter } from './retry.ts'
import type { AuthorityClock, Milliseconds, Terms } from './types.ts'
import { graceOf } from './validity.ts'

/** What no watch told of is found out after that, and long before what was retired meanwhile is trusted no more. */
const RESYNC: Milliseconds = 300_000

/** When passes run. */
export type Pace = {
  isRunning(): boolean
  /** The uptime at which the next one is due; where there is work and nothing failed, that is as soon as may be. */
  dueAt(hasWork: () => boolean): Milliseconds
  /** Something has changed: the next one is due as soon as may be. */
  hurry(): void
  started(): void
  succeeded(hasWritten: boolean): void
  failed(hasWritten: boolean, policy: Retry): void
}

/**
 * Watches tell of one's own writes as well, and somebody else may undo each of them: what fails or writes over and over is
 * not hurried to do so faster.
 */
export function createPace(clock: AuthorityClock, random: () => number, terms: Terms): Pace {
  const resync = Math.min(RESYNC, graceOf(terms) / 3)
  let [isRunning, isHurried] = [false, false]
  let [failures, writes] = [0, 0]
  let startedAt = Number.NEGATIVE_INFINITY
  let wroteAt = startedAt
  let due = startedAt

  const soonest = (): Milliseconds => startedAt + gapAfter(Math.max(failures, writes))
  const hurry = (): void => {
    isHurried = isRunning
    if (!isRunning) due = Math.min(due, soonest())
  }
  const end = (hasWritten: boolean, wait: Milliseconds): void => {
    isRunning = false
    if (hasWritten) [writes, wroteAt] = [writes + 1, startedAt]
    // Not sooner: another replica may have come first this time.
    else if (startedAt - wroteAt >= 2 * gapAfter(writes)) writes = 0
    due = Math.max(clock.uptime() + wait, startedAt + gapAfter(writes))
    if (isHurried) hurry()
  }
  return {
    isRunning: () => isRunning,
    dueAt: (hasWork) => (failures === 0 && hasWork() ? Math.min(due, soonest()) : due),
    hurry,
    started() {
      isRunning = true
      startedAt = clock.uptime()
    },
    succeeded(hasWritten) {
      failures = 0
      end(hasWritten, resync * (1 - 0.1 * random()))
    },
    failed(hasWritten, policy) {
      failures += 1
      end(hasWritten, retryAfter(policy, failures, random()))
    },
  }
}
