/** What is to happen, in the order of time: a binary heap of plain numbers, since a herd has very many entries. */
export type Agenda = {
  readonly add: (at: number, what: number) => void
  /** Takes the next entry off; `undefined` when there is none. */
  readonly next: () => { readonly at: number; readonly what: number } | undefined
}

/** Entries of one instant come in an order that depends on nothing but what was added, and when. */
export function createAgenda(): Agenda {
  let times = new Float64Array(1024)
  let things = new Int32Array(1024)
  let size = 0

  const grow = (): void => {
    const [moreTimes, moreThings] = [new Float64Array(2 * size), new Int32Array(2 * size)]
    moreTimes.set(times)
    moreThings.set(things)
    times = moreTimes
    things = moreThings
  }
  const timeAt = (index: number): number => times[index] ?? Number.POSITIVE_INFINITY
  const move = (from: number, to: number): void => {
    times[to] = timeAt(from)
    things[to] = things[from] ?? 0
  }
  const put = (index: number, at: number, what: number): void => {
    times[index] = at
    things[index] = what
  }
  const add = (at: number, what: number): void => {
    if (size === times.length) grow()
    let index = size
    size += 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (timeAt(parent) <= at) break
      move(parent, index)
      index = parent
    }
    put(index, at, what)
  }
  /** What was last goes to the place that is free now, the first one. */
  const sink = (at: number, what: number): void => {
    let index = 0
    for (let child = 1; child < size; child = 2 * index + 1) {
      if (child + 1 < size && timeAt(child + 1) < timeAt(child)) child += 1
      if (timeAt(child) >= at) break
      move(child, index)
      index = child
    }
    put(index, at, what)
  }
  const next = (): { readonly at: number; readonly what: number } | undefined => {
    if (size === 0) return undefined
    const first = { at: timeAt(0), what: things[0] ?? 0 }
    size -= 1
    if (size > 0) sink(timeAt(size), things[size] ?? 0)
    return first
  }
  return { add, next }
}
