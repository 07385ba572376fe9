import type { Style } from '../terminal/style.ts'
import { formatChecked } from './report.ts'
import type { Watcher } from './types.ts'

export type Screen = {
  readonly write: (text: string) => void
  /** Whether a line can be written over. */
  readonly isTerminal: boolean
  readonly style: Style
}

/** To the line's beginning, and everything behind it away (ECMA-48, EL). */
const AGAIN = '\r\u001b[2K'
/** What does not fit a terminal of 80 columns would wrap, and not go away. */
const WIDTH = 79

/** Shows each check as it is done; on a terminal the one that is under way as well. */
export const createWatcher = ({ write, isTerminal, style }: Screen): Watcher => ({
  begins: ({ title }) => {
    if (isTerminal) write(style.dim(`…     ${title}`.slice(0, WIDTH)))
  },
  ends: (checked) => write(`${isTerminal ? AGAIN : ''}${formatChecked(checked, style)}`),
})
