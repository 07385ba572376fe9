import { type Flag, withHelp } from './flags.ts'

const WIDTH = 80
const INDENT = 6

/** What `lanyard COMMAND --help` prints: what it is for, how it is called, its flags, and examples to copy. */
export type CommandHelp = {
  readonly usage: string
  readonly about: string
  readonly flags: readonly Flag[]
  readonly after?: string
}

export function formatHelp({ usage, about, flags, after }: CommandHelp): string {
  const lines = [wrap(about, 0), '', 'Usage:', `  ${usage}`, '', 'Flags:', ...withHelp(flags).map(formatFlag)]
  return `${[...lines, ...(after === undefined ? [] : ['', after])].join('\n')}\n`
}

function formatFlag({ name, short, value, doc, note }: Flag): string {
  const head = `  ${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
  return [head, wrap(doc, INDENT), ...(note === undefined ? [] : [wrap(note, INDENT)])].join('\n')
}

/**
 * Breaks a text at white space so that it fits a terminal, of 80 columns if nobody says; what has no white space stays whole, and
 * so does a command in backquotes.
 */
export function wrap(text: string, indent: number, width = WIDTH): string {
  return wrapWords(wordsOf(text), indent, width)
}

/**
 * The same for a terminal that is known: no line is longer than it is wide, so that a long word goes on in the next; a command
 * is left to the terminal, which copies it as one line. Words of the caller's own stay together as long as there is room.
 */
export function fold(text: string | readonly string[], indent: number, width: number): string {
  const room = Math.max(1, Math.min(width, Number.MAX_SAFE_INTEGER) - indent)
  const piecesOf = (word: string): readonly string[] =>
    word.length <= room || /`.*\s.*`/.test(word)
      ? [word]
      : Array.from({ length: Math.ceil(word.length / room) }, (_, at) => word.slice(at * room, (at + 1) * room))
  return wrapWords((typeof text === 'string' ? wordsOf(text) : text).flatMap(piecesOf), indent, width)
}

/** A backquote within a word is no command's: somebody else may have written it. */
const wordsOf = (text: string): readonly string[] => text.match(/(?:(?<=^|[\s(])`[^`\n]+`(?=$|[\s.,;:)])|\S)+/g) ?? ['']

function wrapWords(words: readonly string[], indent: number, width: number): string {
  const margin = ' '.repeat(indent)
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(margin + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, margin + line].join('\n')
}

/** How a terminal has its text: folded where it is narrower than usual; elsewhere words stay whole, to be copied. */
export const fitted = (text: string, indent: number, columns: number = WIDTH): string =>
  columns >= LEAST && columns < WIDTH ? fold(text, indent, columns) : wrap(text, indent)

/** What has fewer columns has not said how many it has: a pseudo terminal begins with 0. */
export const LEAST = 20
