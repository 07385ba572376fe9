import { type Failure, fixOf } from '../errors/index.ts'
import { fitted } from './help.ts'
import type { Style } from './style.ts'

/** A failure for a person at a terminal of so many columns: each problem with what to change below it. */
export function formatFailure({ problems }: Failure, style: Style, columns?: number): string {
  const blocks = problems.map((problem) => {
    const where = problem.field === undefined ? '' : ` ${problem.field}`
    return [
      style.red(fitted(`${problem.code}${where}`, 0, columns)),
      fitted(problem.message, 2, columns),
      style.bold(fitted(fixOf(problem), 2, columns)),
    ].join('\n')
  })
  return `\n${blocks.join('\n\n')}\n`
}
