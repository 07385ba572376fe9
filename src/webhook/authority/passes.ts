import { Failure, formatProblem, type Problem, toFailure } from '../../errors/index.ts'
import type { LeafKeeper } from './leaf.ts'
import type { Mint } from './mint.ts'
import { planAuthorities } from './plan.ts'
import { reconcile } from './reconcile.ts'
import { retryAfter } from './retry.ts'
import type { TrustRecord } from './trust.ts'
import type { Authority, AuthorityParts, Milliseconds } from './types.ts'

const SECOND = 1_000
/** However much is told to have changed, passes are that far apart. */
const LEAST_GAP = SECOND
/** What no watch told of is found out after that. */
const RESYNC = 300 * SECOND

/** The passes of reconciliation: one at a time, again after a while, sooner after a failure. */
export type Passes = {
  /** The authorities as the last pass that succeeded left them. */
  known(): readonly Authority[]
  isDue(): boolean
  /** Runs one pass; never throws. */
  run(): Promise<void>
  /** The uptime at which the next one is due, unless something expires before. */
  nextAt(): Milliseconds
  /** Something has changed: the next pass is due as soon as may be. */
  hurry(): void
  stop(): void
}

type Parts = Omit<AuthorityParts, 'metrics'> & {
  readonly mint: Mint
  readonly record: TrustRecord
  readonly keeper: Pick<LeafKeeper, 'serving'>
}

export function createPasses(parts: Parts): Passes {
  const { clock, random, record, keeper, settings } = parts
  const tell = createTeller(parts.log)
  let known: readonly Authority[] = []
  let [isRunning, isHurried, failures] = [false, false, 0]
  let startedAt = Number.NEGATIVE_INFINITY
  let nextAt = startedAt
  let cancelPause = (): void => {}

  const pause = (time: Milliseconds): Promise<void> =>
    new Promise((resolve) => {
      cancelPause = clock.wakeAt(clock.now() + time, resolve)
    })
  const hurry = (): void => {
    isHurried = isRunning
    if (!isRunning) nextAt = Math.min(nextAt, startedAt + LEAST_GAP)
  }
  const hasWork = (): boolean => {
    const input = { stored: known, known, trusted: record.trusted(), serving: keeper.serving(), now: clock.now() }
    const { isChanged, create } = planAuthorities(input, settings)
    return isChanged || create.length > 0
  }
  const isDue = (): boolean => {
    if (isRunning) return false
    const uptime = clock.uptime()
    return uptime >= nextAt || (failures === 0 && uptime >= startedAt + LEAST_GAP && hasWork())
  }
  const pass = async (): Promise<Milliseconds> => {
    try {
      known = await reconcile({ ...parts, known, serving: keeper.serving, onProblems: tell.problems, pause })
      failures = 0
      tell.success()
      return RESYNC * (1 - 0.1 * random())
    } catch (thrown) {
      const failure = toFailure(thrown)
      failures += 1
      tell.failure(failure)
      return retryAfter(failure.retry, failures, random())
    }
  }
  const run = async (): Promise<void> => {
    isRunning = true
    startedAt = clock.uptime()
    const wait = await pass()
    nextAt = clock.uptime() + wait
    isRunning = false
    if (isHurried) hurry()
  }
  return { known: () => known, isDue, run, nextAt: () => nextAt, hurry, stop: () => cancelPause() }
}

type Teller = {
  success(): void
  failure(failure: Failure): void
  problems(problems: readonly Problem[]): void
}

/** Says a thing when it changes, not at every attempt. */
function createTeller(log: AuthorityParts['log']): Teller {
  let cause: Failure['code'] | undefined
  let told = ''
  return {
    success() {
      if (cause !== undefined) log.info('authority reconciled again', { after: cause })
      cause = undefined
    },
    failure(error) {
      if (cause !== error.code) log.error('authority not reconciled', { error })
      cause = error.code
    },
    problems(problems) {
      const [first, ...others] = problems
      const text = problems.map(formatProblem).join('\n')
      if (first !== undefined && text !== told) log.warn('authority repaired', { error: new Failure(first, ...others) })
      told = text
    },
  }
}
