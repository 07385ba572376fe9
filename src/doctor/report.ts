import { describe } from '../errors/index.ts'
import { fitted } from '../terminal/help.ts'
import { printable, printableJson } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { neededBy, worstOf } from './run.ts'
import type { Checked, Finding, Verdict } from './types.ts'

/** What to change: the finding's own advice, else the table's; undefined where nothing is to be changed. */
export const fixOf = ({ code, fix }: Finding): string | undefined =>
  fix ?? (code === undefined ? undefined : describe(code).fix)

/**
 * The first that failed, or else the first that is worth a look: where to begin. `ownFrom` is the check from which on all is
 * of the pod that was asked about. If it has come so far that this check could look, what is wrong there harms it whatever the
 * webhook does, and comes first; before that it waits for the webhook like any other pod.
 */
export function firstToMend(checked: readonly Checked[], ownFrom?: string): Finding | undefined {
  const own = checked.findIndex(({ id, verdict }) => id === ownFrom && verdict !== 'skip')
  const ordered = own < 0 ? checked : [...checked.slice(own), ...checked.slice(0, own)]
  const first = (among: readonly Checked[], wanted: Verdict): Finding | undefined =>
    among.flatMap((each) => each.findings).find(({ verdict }) => verdict === wanted)
  // What is worth a look may well follow from another such thing before it: a right that is lacking, most often.
  return first(ordered, 'fail') ?? first(checked, 'warn')
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

/** One check for a person: its line, and below it what was found and what to change. `columns` are the terminal's. */
export function formatChecked({ title, verdict, findings }: Checked, style: Style, columns?: number): string {
  const lines = findings.flatMap((finding) => formatFinding(finding, style, columns))
  return [headOf(verdict, title, style, columns), ...lines, ''].join('\n')
}

/** The word in its colour; what does not fit behind it goes on below. */
const headOf = (verdict: Verdict, text: string, style: Style, columns?: number): string =>
  `${paint(verdict, style)}  ${fitted(text, INDENT, columns).trimStart()}`

function formatFinding(finding: Finding, style: Style, columns?: number): readonly string[] {
  const { verdict, code, subject, message } = finding
  const head = [code, subject].filter((part) => part !== undefined).join(' ')
  const text = fitted(printable(head === '' ? message : `${head}: ${message}`, LONGEST), INDENT, columns)
  if (verdict === 'ok' || verdict === 'skip') return [style.dim(text)]
  const fix = fixOf(finding)
  return fix === undefined ? [text] : [text, style.bold(fitted(printable(`→ ${fix}`, LONGEST), INDENT, columns))]
}

/** Checks in a row that were not asked, since one before them failed: a line for all. */
export function formatUnasked(checked: readonly Checked[], style: Style, columns?: number): string {
  const [first, ...others] = checked
  if (first === undefined) return ''
  if (others.length === 0) return formatChecked(first, style, columns)
  const ids = checked.map(({ id }) => id)
  // Which of them depends on which other says nothing more.
  const causes = new Set(checked.flatMap((each) => neededBy(each) ?? []).filter((id) => !ids.includes(id)))
  const text = `${ids.length} checks skipped: ${ids.join(', ')}, which depend on ${[...causes].join(', ')}`
  return `${headOf('skip', text, style, columns)}\n`
}

/** How the end is told: to which terminal, and as `firstToMend` has it. */
export type Ending = { readonly columns?: number | undefined; readonly ownFrom?: string | undefined }

/** The last lines: how many of each, and where to begin. */
export function formatSummary(checked: readonly Checked[], style: Style, { columns, ownFrom }: Ending = {}): string {
  const counts = (['ok', 'warn', 'fail', 'skip'] as const).map((verdict) => {
    const count = checked.filter((each) => each.verdict === verdict).length
    return `${count} ${verdict === 'skip' ? 'skipped' : verdict}`
  })
  const first = firstToMend(checked, ownFrom)
  const text = first && printable(`Begin with ${first.code}: ${fixOf(first)}`, LONGEST)
  const begin = text === undefined ? [] : [style.bold(fitted(text, 0, columns))]
  return `\n${[fitted(counts.join(', '), 0, columns), ...begin].join('\n')}\n`
}

/** For scripts: everything, with the worst verdict and where to begin. */
export function toJson(checked: readonly Checked[], ownFrom?: string): string {
  const withFix = (finding: Finding): object => {
    const fix = finding.verdict === 'warn' || finding.verdict === 'fail' ? fixOf(finding) : undefined
    return { ...finding, ...(fix !== undefined && { fix }) }
  }
  const first = firstToMend(checked, ownFrom)
  const report = {
    // What could not be known is no verdict on what was asked about.
    verdict: worstOf(checked.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'skip')),
    first: first === undefined ? null : withFix(first),
    checks: checked.map((each) => ({ ...each, findings: each.findings.map(withFix) })),
  }
  return `${printableJson(report, 2)}\n`
}
