/** A terminal as far as Lanyard uses one: what is to be seen on it after what was written. Throws at what no test foresaw. */
export function terminalScreen(columns: number, rows: number) {
  let lines: string[] = [blank(columns)]
  /** The first line that is on the screen: what is above has scrolled away. */
  let top = 0
  let at = { row: 0, column: 0 }
  const put = (sign: string): void => {
    if (at.column === columns) lineFeed(0)
    const line = lines[at.row] ?? blank(columns)
    lines[at.row] = `${line.slice(0, at.column)}${sign}${line.slice(at.column + 1)}`
    at = { ...at, column: at.column + 1 }
  }
  const lineFeed = (column: number): void => {
    at = { row: at.row + 1, column }
    lines[at.row] ??= blank(columns)
    top = Math.max(top, at.row - rows + 1)
  }
  const clearFrom = (column: number): void => {
    lines[at.row] = (lines[at.row] ?? '').slice(0, column).padEnd(columns)
  }
  const controls: Readonly<Record<string, (count: number) => void>> = {
    A: (count) => {
      at = { row: Math.max(top, at.row - count), column: Math.min(at.column, columns - 1) }
    },
    H: () => {
      at = { row: top, column: 0 }
    },
    J: (kind) => {
      if (kind === 2) lines.fill(blank(columns), top)
      else {
        clearFrom(at.column)
        lines = lines.slice(0, at.row + 1)
      }
    },
    K: () => clearFrom(at.column),
    m: () => {},
  }
  const signs: Readonly<Record<string, () => void>> = {
    '\r': () => {
      at = { ...at, column: 0 }
    },
    '\n': () => lineFeed(at.column === columns ? 0 : at.column),
  }
  const obey = (part: string, count: string, control: string | undefined): void => {
    const act = control === undefined ? signs[part] : controls[control]
    if (act !== undefined) act(Number(count || (control === 'A' ? 1 : 0)))
    else if (part >= ' ') put(part)
    else throw new Error(`the terminal does not know ${JSON.stringify(part)}`)
  }
  const write = (text: string): void => {
    for (const [part, count = '', control] of text.matchAll(CONTROL_OR_SIGN)) obey(part, count, control)
  }
  return {
    write,
    /** What is on the screen, without the blanks at the ends of lines and the empty lines below. */
    text: (): string =>
      lines
        .slice(top)
        .map((line) => line.trimEnd())
        .join('\n')
        .trimEnd(),
    /** What has scrolled away. */
    above: (): readonly string[] => lines.slice(0, top).map((line) => line.trimEnd()),
    cursor: () => ({ row: at.row - top, column: at.column }),
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a control sequence
const CONTROL_OR_SIGN = /\u001b\[(\d*)(?:;\d+)*([A-Za-z])|[\s\S]/gu
const blank = (columns: number): string => ' '.repeat(columns)
