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

/** Breaks a text at white space so that it fits a terminal, of 80 columns if nobody says; what has no white space stays whole. */
export function wrap(text: string, indent: number, width = WIDTH): string {
  const margin = ' '.repeat(indent)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(margin + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, margin + line].join('\n')
}
