/** Two spellings of a text, line by line: for each line of one, where it is in the other, if it is there. */
export type Spellings = {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly placeOf: readonly (number | undefined)[]
}

/**
 * Lines that were added before line `at` of one spelling, as they are indented in the other: each like its nearest sibling
 * above, or like its parent where it is the first.
 */
export function reindent(added: readonly string[], at: number, spellings: Spellings): readonly string[] {
  let outermost = Number.POSITIVE_INFINITY
  let shift = 0
  return added.map((line) => {
    const { depth } = depthsOf(line)
    if (line.trim() === '') return line
    if (depth <= outermost) {
      outermost = depth
      shift = shiftAt(depth, at, spellings)
    }
    return shift < 0 ? line.slice(-shift) : ' '.repeat(shift) + line
  })
}

/** How much further in lines of this depth are. */
function shiftAt(depth: number, at: number, { from, to, placeOf }: Spellings): number {
  for (let above = at - 1; above >= 0; above -= 1) {
    const line = from[above] ?? ''
    const here = depthsOf(line)
    const place = placeOf[above]
    if (place === undefined || /^\s*(#|$)/.test(line) || here.depth > depth) continue
    const there = depthsOf(to[place] ?? '')
    return here.depth === depth ? there.depth - here.depth : there.content - here.content
  }
  return 0
}

/** Where a line begins, and where it does behind the dashes of lists. */
function depthsOf(line: string): { readonly depth: number; readonly content: number } {
  const [all = '', blanks = ''] = /^( *)(?:- +)*/.exec(line) ?? []
  return { depth: blanks.length, content: all.length }
}
