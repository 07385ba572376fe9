import { describe } from '../errors/index.ts'
import { wrap } from '../terminal/help.ts'
import { printable } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { worstOf } from './run.ts'
import type { Checked, Finding, Verdict } from './types.ts'

/** What to change: the finding's own advice, else the table's; undefined where nothing is to be changed. */
export const fixOf = ({ code, fix }: Finding): string | undefined =>
  fix ?? (code === undefined ? undefined : describe(code).fix)

/** The first that failed, or else the first that is worth a look: where to begin. */
export function firstToMend(checked: readonly Checked[]): Finding | undefined {
  const findings = checked.flatMap((each) => each.findings)
  return findings.find(({ verdict }) => verdict === 'fail') ?? findings.find(({ verdict }) => verdict === 'warn')
}

const WORDS: Readonly<Record<Verdict, string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skip: 'skip' }

function paint(verdict: Verdict, style: Style): string {
  const word = WORDS[verdict].padEnd(4)
  if (verdict === 'ok') return style.green(word)
  if (verdict === 'fail') return style.red(word)
  return verdict === 'warn' ? style.bold(word) : style.dim(word)
}

const INDENT = 6
/** Names and messages are foreign: none forges a line, or fills a screen. */
const LONGEST = 2_000

/** One check for a person: its line, and below it what was found and what to change. */
export function formatChecked({ title, verdict, findings }: Checked, style: Style): string {
  const lines = findings.flatMap((finding) => formatFinding(finding, style))
  return [`${paint(verdict, style)}  ${title}`, ...lines, ''].join('\n')
}

function formatFinding(finding: Finding, style: Style): readonly string[] {
  const { verdict, code, subject, message } = finding
  const head = [code, subject].filter((part) => part !== undefined).join(' ')
  const text = wrap(printable(head === '' ? message : `${head}: ${message}`, LONGEST), INDENT)
  if (verdict === 'ok' || verdict === 'skip') return [style.dim(text)]
  const fix = fixOf(finding)
  return fix === undefined ? [text] : [text, style.bold(wrap(printable(`→ ${fix}`, LONGEST), INDENT))]
}

/** The last lines: how many of each, and where to begin. */
export function formatSummary(checked: readonly Checked[], style: Style): string {
  const counts = (['ok', 'warn', 'fail', 'skip'] as const).map((verdict) => {
    const count = checked.filter((each) => each.verdict === verdict).length
    return `${count} ${verdict === 'skip' ? 'skipped' : verdict}`
  })
  const first = firstToMend(checked)
  const begin =
    first === undefined ? [] : [style.bold(wrap(printable(`Begin with ${first.code}: ${fixOf(first)}`, LONGEST), 0))]
  return `\n${[counts.join(', '), ...begin].join('\n')}\n`
}

/** For scripts: everything, with the worst verdict and where to begin. */
export function toJson(checked: readonly Checked[]): string {
  const withFix = (finding: Finding): object => {
    const fix = finding.verdict === 'warn' || finding.verdict === 'fail' ? fixOf(finding) : undefined
    return { ...finding, ...(fix !== undefined && { fix }) }
  }
  const first = firstToMend(checked)
  const report = {
    // What could not be known is no verdict on what was asked about.
    verdict: worstOf(checked.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'skip')),
    first: first === undefined ? null : withFix(first),
    checks: checked.map((each) => ({ ...each, findings: each.findings.map(withFix) })),
  }
  return `${JSON.stringify(report, null, 2)}\n`
}
