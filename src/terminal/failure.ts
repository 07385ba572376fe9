import { type Failure, fixOf } from '../errors/index.ts'
import { wrap } from './help.ts'
import type { Style } from './style.ts'

/** A failure for a person at a terminal: each problem with what to change below it. */
export function formatFailure({ problems }: Failure, style: Style): string {
  const blocks = problems.map((problem) => {
    const where = problem.field === undefined ? '' : ` ${problem.field}`
    return [style.red(`${problem.code}${where}`), wrap(problem.message, 2), style.bold(wrap(fixOf(problem), 2))].join(
      '\n',
    )
  })
  return `\n${blocks.join('\n\n')}\n`
}
