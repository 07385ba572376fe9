import { Failure, type Problem } from '../../errors/index.ts'
import type { Log } from '../../terminal/log.ts'

/** What the log is told of passes. */
export type Teller = {
  succeeded(): void
  failed(failure: Failure): void
  repaired(problems: readonly Problem[]): void
  bundleWritten(bundle: string): void
}

/** The same bundle, written that often, was not what it had been each time. */
const CONTESTED = 3

/** Says a thing when it changes, not at every attempt. */
export function createTeller(log: Log): Teller {
  let cause: Failure | undefined
  let [last, rewrites] = ['', 0]
  return {
    succeeded() {
      if (cause !== undefined) log.info('authority reconciled again', { after: cause.code })
      cause = undefined
    },
    failed(error) {
      if (cause?.message !== error.message) log.error('authority not reconciled', { error })
      cause = error
    },
    repaired([first, ...others]) {
      if (first !== undefined) log.warn('authority repaired', { error: new Failure(first, ...others) })
    },
    bundleWritten(bundle) {
      log.info('caBundle written', { bytes: bundle.length })
      rewrites = bundle === last ? rewrites + 1 : 0
      last = bundle
      if (rewrites === CONTESTED) log.warn('caBundle contested', { error: contested() })
    },
  }
}

const contested = (): Failure =>
  new Failure({ code: 'ClusterConflict', message: 'somebody else writes the caBundle again and again' })
