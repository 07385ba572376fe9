import type { Style } from './style.ts'

/** Where a command that takes its time tells how far it is: to people, or as JSON lines. */
export type Report = {
  /** A step begins. */
  readonly step: (name: string, title: string) => void
  /** What came of it: `text` for people, `data` for scripts. */
  readonly show: (text: string, data: Readonly<Record<string, unknown>>) => void
}

type Write = (text: string) => void

export function textReport(write: Write, style: Style): Report {
  let count = 0
  return {
    step: (_name, title) => {
      count += 1
      write(`\n${style.bold(style.cyan(`${count}. ${title}`))}\n`)
    },
    show: (text) => write(`${text.replace(/^(?=.)/gm, '   ')}\n`),
  }
}

/** One JSON object a line: `{"step":NAME,…}`. */
export function jsonReport(write: Write): Report {
  let current = ''
  return {
    step: (name) => {
      current = name
    },
    show: (_text, data) => write(`${JSON.stringify({ step: current, ...data })}\n`),
  }
}
