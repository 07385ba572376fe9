import process from 'node:process'
import type { Reporter } from 'vitest/node'

/** Fails a run in which tests were skipped: what is skipped silently is believed to hold. */
export const noSkips: Reporter = {
  onTestRunEnd: (modules) => {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId}: ${test.fullName}`),
    )
    if (skipped.length === 0) return
    process.stderr.write(`\n${skipped.length} skipped, which fails here (CI is set):\n${skipped.join('\n')}\n`)
    process.exitCode = 1
  },
}
