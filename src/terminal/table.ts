/** Rows as aligned columns, two spaces apart; the last column is not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  return alignRows(rows, widthsOf(rows)).join('\n')
}

export type Column = {
  readonly title: string
  /** Its cells may be cut in their middle, down to this width; absent where they must stay whole. */
  readonly least?: number
  /** Where there is no room it may be missing. */
  readonly isSpare?: boolean
}

/**
 * The lines of a table that is no wider than that many columns of the terminal, its titles first: spare columns go, the first
 * of them first, then the widest cells are cut. Without a width it is as wide as it likes. Cells are ASCII: one column a unit.
 */
export function fitTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = Number.POSITIVE_INFINITY,
): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const natural = widthsOf(all)
  const kept = [...columns.keys()]
  const total = (widths: readonly number[]): number =>
    widths.reduce((sum, each) => sum + each, 0) + GAP * (widths.length - 1)
  for (const [index, { isSpare }] of columns.entries())
    if (isSpare === true && total(kept.map((at) => natural[at] ?? 0)) > width) kept.splice(kept.indexOf(index), 1)
  const widths = kept.map((at) => natural[at] ?? 0)
  shrink(
    widths,
    kept.map((at) => columns[at]?.least),
    total(widths) - width,
  )
  const cells = all.map((row) => kept.map((at, place) => shorten(row[at] ?? '', widths[place] ?? 0)))
  return alignRows(cells, widths).map((line) => shortenEnd(line.trimEnd(), width))
}

const GAP = 2

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return widths
}

const alignRows = (rows: readonly (readonly string[])[], widths: readonly number[]): readonly string[] =>
  rows.map((row) =>
    row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join(' '.repeat(GAP)),
  )

/** Takes so much from the widths, always from the widest that has more than its least. */
function shrink(widths: number[], least: readonly (number | undefined)[], excess: number): void {
  for (let left = excess; left > 0; left -= 1) {
    const spare = widths.map((width, index) => (width > (least[index] ?? width) ? width : 0))
    const widest = Math.max(...spare)
    if (widest === 0) return
    widths[spare.indexOf(widest)] = widest - 1
  }
}

/** Its beginning and its end, where names differ most. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text
  const end = Math.floor((width - 1) / 2)
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}

const shortenEnd = (line: string, width: number): string =>
  line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`
