/** How many requests of connections that have had answers are looked at in one round of the event loop. */
const A_ROUND = 2

/** Acts at once or in one of the next rounds, in the order of asking. */
export type InTurn = (act: () => void) => void

/**
 * Lines up what goes beyond that. Node accepts one connection a round: rounds that are filled with the requests of a few
 * hundred busy connections would let a newcomer wait for seconds.
 */
export function takeTurns(): InTurn {
  const line: (() => void)[] = []
  let left = A_ROUND
  let isOpen = false
  const round = (): void => {
    isOpen = line.length > 0
    left = A_ROUND
    for (let act = line.shift(); act !== undefined; act = left > 0 ? line.shift() : undefined) {
      left -= 1
      act()
    }
    if (isOpen) setImmediate(round)
  }
  return (act) => {
    if (!isOpen) setImmediate(round)
    isOpen = true
    if (left > 0 && line.length === 0) {
      left -= 1
      act()
    } else line.push(act)
  }
}
