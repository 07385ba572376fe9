import { diffArrays } from 'diff'
import { reindent } from './indent.ts'

/** Beyond so many lines that differ, comparing would take longer than it is worth. */
const MOST_EDITS = 2_000

/** From line `at` on, `removed` lines give way to others. */
type Edit = { readonly at: number; readonly removed: number; readonly added: readonly string[] }

/**
 * Does to a text what was done to another spelling of it: what differs between `before` and `after` is taken out of and put
 * into `original`, whose other lines stay as they are. Undefined where lines have no counterpart. Whether the outcome means
 * the same as `after` is for the caller to see.
 */
export function transplant(original: string, before: string, after: string): string | undefined {
  const lines = original.split('\n')
  const end = original.includes('\r\n') ? '\r' : ''
  const spelt = before.split('\n')
  const respelling = editsBetween(spelt.map(withoutBlanks), lines.map(withoutBlanks))
  const edits = editsBetween(spelt, after.split('\n'))
  if (respelling === undefined || edits === undefined) return undefined
  const placeOf = follow(respelling, spelt.length)
  // From the end, so that the places before it stay.
  for (const edit of edits.toReversed()) {
    const place = placeOfEdit(edit, placeOf)
    if (place === undefined) return undefined
    const added = reindent(edit.added, edit.at, { from: spelt, to: lines, placeOf })
    lines.splice(place, edit.removed, ...added.map((line) => line + end))
  }
  return lines.join('\n')
}

/** In which spellings of a line mostly differ: indentation, room before comments and within brackets. */
const withoutBlanks = (line: string): string => line.replace(/[\s\uFEFF]+/g, '')

function editsBetween(from: string[], to: string[]): readonly Edit[] | undefined {
  const changes = diffArrays(from, to, { maxEditLength: MOST_EDITS })
  if (changes === undefined) return undefined
  const edits: Edit[] = []
  let at = 0
  for (const { value, added, removed } of changes) {
    const last = edits.at(-1)
    if (removed) edits.push({ at, removed: value.length, added: [] })
    else if (added && last !== undefined && last.at + last.removed === at)
      edits[edits.length - 1] = { ...last, added: value }
    else if (added) edits.push({ at, removed: 0, added: value })
    if (!added) at += value.length
  }
  return edits
}

/** For each of `count` lines, which line it has become, if it is still there. */
function follow(edits: readonly Edit[], count: number): readonly (number | undefined)[] {
  const places: (number | undefined)[] = []
  let shift = 0
  for (const { at, removed, added } of [...edits, { at: count, removed: 0, added: [] }]) {
    while (places.length < at) places.push(places.length + shift)
    for (let line = 0; line < removed; line += 1) places.push(undefined)
    shift += added.length - removed
  }
  return places
}

/** Where the lines are that an edit removes, if they still follow one another; else right behind the line before. */
function placeOfEdit({ at, removed }: Edit, placeOf: readonly (number | undefined)[]): number | undefined {
  const first = placeOf[at]
  const previous = at === 0 ? undefined : placeOf[at - 1]
  if (removed === 0) return previous === undefined ? first : previous + 1
  const isWhole = first !== undefined && placeOf[at + removed - 1] === first + removed - 1
  return isWhole ? first : undefined
}
