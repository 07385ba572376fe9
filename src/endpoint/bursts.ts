import type { Milliseconds } from '../credentials/types.ts'

/** So many connections and requests leave garbage that is worth a look; and so does one exchange with STS. */
export const BURST = 200
/** For so long it must have been quiet, with fewer than that many of them. */
const PERIOD: Milliseconds = 2_000
const QUIET = 500

/**
 * Calls `rest` when it has become quiet after the start and after every burst of what is noted, which is what it returns:
 * the process keeps the memory of its worst moment otherwise. `after` is a timer.
 */
export function restAfterBursts(
  rest: () => void,
  after: (time: Milliseconds, act: () => void) => void,
): (count?: number) => void {
  let noted = 0
  let lately = 0
  let watching = false
  const look = (): void => {
    if (lately >= QUIET) {
      watch()
      return
    }
    noted = 0
    watching = false
    rest()
  }
  const watch = (): void => {
    watching = true
    lately = 0
    after(PERIOD, look)
  }
  watch()
  return (count = 1) => {
    noted += count
    lately += count
    if (noted >= BURST && !watching) watch()
  }
}
