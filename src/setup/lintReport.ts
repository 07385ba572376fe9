import { fixOf } from '../errors/index.ts'
import { wrap } from '../terminal/help.ts'
import { printable, printableJson } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import type { TrustFinding } from '../trust/index.ts'

export type Linted = { readonly title: string; readonly findings: readonly TrustFinding[] }

const INDENT = 6
const LONGEST = 400

/** Each policy with what was found, for a person. */
export function formatLint(linted: readonly Linted[], style: Style): string {
  const blocks = linted.map(({ title, findings }) => {
    const head = style.bold(printable(title, LONGEST))
    if (findings.length === 0) return `${style.green('ok')}    ${head}`
    return [head, ...findings.map((finding) => formatFinding(finding, style))].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

function formatFinding(finding: TrustFinding, style: Style): string {
  const { verdict, code, where, message, attack } = finding
  const word = verdict === 'fail' ? style.red('FAIL') : style.bold('warn')
  const text = (line: string): string => wrap(printable(line, LONGEST), INDENT)
  return [
    `${word}  ${code}${where === '' ? '' : `  ${printable(where, LONGEST)}`}`,
    text(`${message}.`),
    ...(attack === undefined ? [] : [text(`Who gets in: ${attack}`)]),
    style.bold(text(`→ ${fixOf(finding)}`)),
  ].join('\n')
}

/** For scripts. */
export function lintJson(linted: readonly Linted[]): string {
  const policies = linted.map(({ title, findings }) => ({
    title,
    findings: findings.map((finding) => ({ ...finding, fix: fixOf(finding) })),
  }))
  return `${printableJson({ policies }, 2)}\n`
}
