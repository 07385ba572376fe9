import type { Style } from '../terminal/style.ts'
import { formatChecked, formatUnasked } from './report.ts'
import { neededBy } from './run.ts'
import type { Checked, Watcher } from './types.ts'

export type Screen = {
  readonly write: (text: string) => void
  /** Whether a line can be written over. */
  readonly isTerminal: boolean
  /** Of the terminal, at each moment; undefined where there is none. */
  readonly columns?: () => number | undefined
  readonly style: Style
}

/** To the line's beginning, and everything behind it away (ECMA-48, EL). */
const AGAIN = '\r\u001b[2K'
const USUAL_WIDTH = 80

/**
 * Shows each check as it is done; on a terminal the one that is under way as well. Those that were not asked are held back
 * until it is known how many there are in a row.
 */
export function createWatcher({ write, isTerminal, columns = () => undefined, style }: Screen): Watcher {
  let unasked: Checked[] = []
  const heldBack = (): string => {
    const text = formatUnasked(unasked, style, columns())
    unasked = []
    return text
  }
  const again = isTerminal ? AGAIN : ''
  return {
    begins: ({ title }) => {
      // What does not fit would wrap, and not go away.
      const width = Math.min(columns() ?? USUAL_WIDTH, USUAL_WIDTH) - 1
      if (isTerminal) write(style.dim(`…     ${title}`.slice(0, width)))
    },
    ends: (checked) => {
      const isUnasked = neededBy(checked) !== undefined
      if (isUnasked) unasked.push(checked)
      write(isUnasked ? again : `${again}${heldBack()}${formatChecked(checked, style, columns())}`)
    },
    done: () => write(heldBack()),
  }
}
