import { structuredPatch } from 'diff'
import type { Style } from './style.ts'

/** What changed between two texts, a line each, with two lines around; added and removed ones are marked and coloured. */
export function formatDiff(before: string, after: string, style: Style): string {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 2 })
  return hunks.map(({ lines }) => lines.map((line) => paint(line, style)).join('\n')).join(`\n${style.dim('  …')}\n`)
}

function paint(line: string, style: Style): string {
  if (line.startsWith('+')) return style.green(line)
  return line.startsWith('-') ? style.red(line) : style.dim(line)
}
