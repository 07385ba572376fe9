import { describe, Failure, formatProblem, type Problem } from '../errors/index.ts'
import type { AdmissionOutcome } from '../injection/index.ts'
import { formatDiff } from '../terminal/diff.ts'
import { formatFailure } from '../terminal/failure.ts'
import { printable } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { titleOf } from './parse.ts'
import type { Result, Verdict, Workload } from './types.ts'

const longest = { name: 300, problem: 2_048 }

const nameOf = ({ kind, namespace, name }: Workload): string => printable(`${kind} ${namespace}/${name}`, longest.name)

/** Whether something here cannot be, so that nothing may be applied. */
export const isRefused = ({ verdicts, problems }: Result): boolean =>
  problems.length > 0 || verdicts.some(({ outcome }) => outcome.kind === 'deny')

/** What changed, by document: a heading and a diff each. */
export function formatDiffs(results: readonly Result[], style: Style): string {
  const changed = results.filter(({ manifest, text }) => text !== manifest.text)
  const blocks = changed.map(({ manifest, verdicts, text }) => {
    const names = verdicts.filter(({ outcome }) => isInjection(outcome)).map(({ workload }) => nameOf(workload))
    return `${style.bold(names.join(', '))}\n${formatDiff(shown(manifest.text), shown(text), style)}\n`
  })
  return blocks.join('\n')
}

/** Without what would move the cursor of a terminal. */
const shown = (text: string): string =>
  text
    .split('\n')
    .map((line) => printable(line.replace(/^\uFEFF|\r$/g, ''), Number.POSITIVE_INFINITY))
    .join('\n')

const isInjection = (outcome: AdmissionOutcome): boolean => outcome.kind === 'inject' && outcome.patch.length > 0

/** One JSON object a line for each workload. The paths of the patch are those of the workload's own object. */
export function formatJson(results: readonly Result[]): string {
  const lines = results.flatMap(({ manifest, verdicts, problems }) =>
    verdicts.map(({ workload, outcome }) => {
      const { kind, namespace, name } = workload
      const refused = [...(outcome.kind === 'deny' ? outcome.problems : []), ...problems]
      return {
        file: manifest.file.name,
        document: manifest.number,
        ...{ kind, namespace, name },
        outcome: problems.length > 0 ? 'deny' : outcome.kind,
        ...(outcome.kind === 'skip' && { reason: outcome.reason }),
        patch: outcome.kind === 'inject' ? outcome.patch : [],
        warnings: warningsOf({ workload, outcome }),
        problems: refused.map((problem) => ({ ...problem, fix: problem.fix ?? describe(problem.code).fix })),
      }
    }),
  )
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** What a person should know, for the standard error: what was decided, every warning, every problem. */
export function formatNotes(results: readonly Result[], { style, isTerminal }: NoteStyle): string {
  const blocks = results.flatMap(({ manifest, verdicts, problems }) => {
    const decided = verdicts.flatMap((verdict) => notesOf(verdict, { style, isTerminal }))
    const about = `${printable(titleOf(manifest), longest.name)}: not written`
    return problems.length === 0 ? decided : [...decided, refusal(about, problems, { style, isTerminal })]
  })
  const isQuiet = results.every(({ verdicts, problems }) => problems.length === 0 && verdicts.every(isUnasked))
  return [...blocks, isQuiet ? QUIET : '', results.some(isRefused) ? REFUSED : ''].join('')
}

const QUIET = 'Nothing here asks for credentials: it is passed on as it is.\n'
const REFUSED = 'Nothing is passed on, since not all of it can be.\n'

const MOST_NAMES = 5

/** What nobody said, so that a pod may be given something else in the cluster. */
export function formatUnknown(names: ReadonlySet<string>): string {
  if (names.size === 0) return ''
  const listed = [...names].slice(0, MOST_NAMES).map((name) => printable(name, longest.name))
  const more = names.size > MOST_NAMES ? ` and ${names.size - MOST_NAMES} more` : ''
  const how = '--namespace-file, --service-account-file or --from-cluster'
  return `Not given, and taken as without annotations: ${listed.join(', ')}${more} (${how})\n`
}

/** `isTerminal`: for people to read, else one line a problem. */
type NoteStyle = { readonly style: Style; readonly isTerminal: boolean }

const isUnasked = ({ outcome }: Verdict): boolean => outcome.kind === 'skip'

function notesOf({ workload, outcome }: Verdict, how: NoteStyle): readonly string[] {
  const name = nameOf(workload)
  const warnings = warningsOf({ workload, outcome }).map((warning) => printable(`${name}: ${warning}`, longest.problem))
  return [...decisionOn(name, outcome, how), ...warnings.map((warning) => `${how.style.bold('warning:')} ${warning}\n`)]
}

/** Those of the decision, which knows the pod alone, and one about annotations that no pod has. */
const warningsOf = ({ workload: { isMisplaced, template }, outcome }: Verdict): readonly string[] =>
  isMisplaced
    ? [
        ...outcome.warnings,
        `its own lanyard.dev/ annotations say nothing: put them on ${template.join('.')}.metadata.annotations`,
      ]
    : outcome.warnings

function decisionOn(name: string, outcome: AdmissionOutcome, how: NoteStyle): readonly string[] {
  if (outcome.kind === 'deny') return [refusal(`${name}: denied`, outcome.problems, how)]
  if (outcome.kind === 'inject') return [`${name}: ${outcome.patch.length === 0 ? 'injected already' : 'injected'}\n`]
  // That is most of what there is.
  if (outcome.reason === 'NotRequested') return []
  return [`${name}: left alone (${outcome.reason}): ${describe(outcome.reason).cause}\n`]
}

function refusal(about: string, problems: readonly Problem[], { style, isTerminal }: NoteStyle): string {
  const [first, ...others] = problems
  if (first === undefined) return `${about}\n`
  if (isTerminal) return `${style.bold(about)}\n${formatFailure(new Failure(first, ...others), style)}`
  return problems.map((problem) => `${about}: ${printable(formatProblem(problem), longest.problem)}\n`).join('')
}
