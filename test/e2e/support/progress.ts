import process from 'node:process'

const began = Number(process.env['E2E_BEGAN'] ?? Date.now())

/** One line of progress, with the seconds since the suite began. */
export function say(line: string): void {
  process.stderr.write(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)}s  ${line}\n`)
}

/** A figure that belongs into a report, found again by its mark. */
export const figure = (line: string): void => say(`figure: ${line}`)
