/** A terminal, as far as painting needs it. */
export type Canvas = {
  readonly write: (text: string) => void
  readonly size: () => Size
}
export type Size = { readonly columns: number; readonly rows: number }

/** Lines that are painted again and again in the same place. */
export type Screen = {
  /** How many lines there is room for, and how wide they may be: one column less, since terminals wrap at the last one. */
  readonly room: () => Size
  readonly paint: (lines: readonly string[]) => void
  /** Leaves the last picture, the cursor below it. */
  readonly end: () => void
}

const ESC = '\u001b['
const CLEAR_REST_OF_LINE = `${ESC}K`
const CLEAR_BELOW = `${ESC}J`
const CLEAR_ALL = `${ESC}H${ESC}2J`
const up = (lines: number): string => (lines === 0 ? '' : `${ESC}${lines}A`)

/**
 * Each picture is one write, and lines are overwritten rather than cleared first, so that nothing flickers. Where the
 * terminal has changed its size it may have wrapped anything anywhere: then all of it is cleared. No mode of the terminal is
 * changed, so none has to be restored, however the program ends.
 */
export function createScreen({ write, size }: Canvas): Screen {
  let painted: (Size & { readonly count: number }) | undefined
  const room = (): Size => {
    const { columns, rows } = size()
    return { columns: Math.max(1, columns - 1), rows: Math.max(1, rows - 1) }
  }
  const begin = (now: Size): string => {
    if (painted === undefined) return ''
    const isSame = painted.columns === now.columns && painted.rows === now.rows
    return isSame ? `\r${up(painted.count)}` : CLEAR_ALL
  }
  return {
    room,
    paint: (lines) => {
      const now = size()
      const shown = lines.slice(0, room().rows)
      write(`${begin(now)}${shown.map((line) => `${line}${CLEAR_REST_OF_LINE}\n`).join('')}${CLEAR_BELOW}`)
      painted = { ...now, count: shown.length }
    },
    end: () => {
      // What was typed meanwhile, ^C say, stands where the cursor is.
      if (painted !== undefined) write(`\r${CLEAR_BELOW}`)
      painted = undefined
    },
  }
}
