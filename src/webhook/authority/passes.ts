import { toFailure } from '../../errors/index.ts'
import type { LeafKeeper } from './leaf.ts'
import type { Mint } from './mint.ts'
import { createPace } from './pace.ts'
import { planAuthorities } from './plan.ts'
import { reconcile } from './reconcile.ts'
import { createTeller } from './tell.ts'
import type { TrustRecord } from './trust.ts'
import type { Authority, AuthorityParts, Milliseconds } from './types.ts'

/** The passes of reconciliation: one at a time, again after a while, sooner after a failure. */
export type Passes = {
  /** The authorities as they were last read, whether or not anything could be written. */
  held(): readonly Authority[]
  isDue(): boolean
  /** Runs one pass; never throws. */
  run(): Promise<void>
  /** The uptime at which the next one is due, unless something expires before. */
  nextAt(): Milliseconds
  /** Something has changed: the next pass is due as soon as may be. */
  hurry(): void
  /** What fails from now on was given up, and is not told. */
  stop(): void
}

type Parts = Omit<AuthorityParts, 'metrics'> & {
  readonly mint: Mint
  readonly record: TrustRecord
  readonly keeper: Pick<LeafKeeper, 'serving'>
}

export function createPasses(parts: Parts): Passes {
  const { clock, random, record, keeper, settings } = parts
  const pace = createPace(clock, random, settings)
  const tell = createTeller(parts.log)
  // What the last pass that succeeded left: whatever of it is there no more, somebody took out.
  let known: readonly Authority[] = []
  let held = known
  let isStopped = false
  let cancelPause = (): void => {}

  const pause = (time: Milliseconds): Promise<void> =>
    new Promise((resolve) => {
      cancelPause = clock.wakeAt(clock.now() + time, resolve)
    })
  const onRead = (authorities: readonly Authority[]): void => {
    held = authorities
  }
  const hasWork = (): boolean => {
    const [trusted, serving] = [record.trustedSomewhere(), keeper.serving()]
    const { isChanged, create } = planAuthorities(
      { stored: known, known, trusted, serving, now: clock.now() },
      settings,
    )
    return isChanged || create.length > 0
  }
  const nextAt = (): Milliseconds => pace.dueAt(hasWork)
  const run = async (): Promise<void> => {
    let hasWritten = false
    const onWritten = (): void => {
      hasWritten = true
    }
    pace.started()
    try {
      known = await reconcile({ ...parts, known, serving: keeper.serving, tell, onRead, onWritten, pause })
      pace.succeeded(hasWritten)
      tell.succeeded()
    } catch (thrown) {
      const failure = toFailure(thrown)
      pace.failed(hasWritten, failure.retry)
      if (!isStopped) tell.failed(failure)
    }
  }
  return {
    held: () => held,
    isDue: () => !pace.isRunning() && clock.uptime() >= nextAt(),
    run,
    nextAt,
    hurry: pace.hurry,
    stop() {
      isStopped = true
      cancelPause()
    },
  }
}
