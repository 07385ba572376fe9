/** How many requests of connections that have had answers are looked at before others get a chance. */
const A_ROUND = 16

/** Acts at once or in one of the next rounds of the event loop, in the order of asking. */
export type InTurn = (act: () => void) => void

/**
 * Lines up what goes beyond that. Node accepts one connection a round: rounds that are filled with the requests of a few
 * hundred busy connections would let a newcomer wait for seconds.
 */
export function takeTurns(): InTurn {
  const line: (() => void)[] = []
  let left = A_ROUND
  let isScheduled = false
  const schedule = (): void => {
    if (!isScheduled) setImmediate(round)
    isScheduled = true
  }
  const round = (): void => {
    isScheduled = false
    left = A_ROUND
    try {
      while (left > 0 && line.length > 0) {
        left -= 1
        line.shift()?.()
      }
    } finally {
      if (line.length > 0) schedule()
    }
  }
  return (act) => {
    if (left > 0 && line.length === 0) {
      left -= 1
      act()
      return
    }
    line.push(act)
    schedule()
  }
}
