import { type Failure, toFailure } from '../errors/index.ts'
import type { Check, Checked, Finding, Verdict, Watcher } from './types.ts'

/** From the best to the worst; what is skipped is known of no better than what is well. */
const ORDER: readonly Verdict[] = ['ok', 'skip', 'warn', 'fail']

export const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.reduce((worst, each) => (ORDER.indexOf(each) > ORDER.indexOf(worst) ? each : worst), 'ok')

/**
 * Asks one question after the other, in the order in which things depend on one another, so that the first failure is the
 * cause to mend first. Never rejects: what a check throws is what it found.
 */
export async function runChecks<Ground>(
  checks: readonly Check<Ground>[],
  ground: Ground,
  signal: AbortSignal,
  watcher: Watcher,
): Promise<readonly Checked[]> {
  const done = new Map<string, Checked>()
  for (const { id, title, needs = [], unless = [], look } of checks) {
    watcher.begins({ id, title })
    const missing =
      needs.find((need) => isMissing(done.get(need))) ?? unless.find((other) => done.get(other)?.verdict === 'fail')
    const findings = missing === undefined ? await lookSafely(look, ground, signal) : [skippedFor(missing)]
    const verdict = worstOf(findings.map((finding) => finding.verdict))
    const checked: Checked = { id, title, verdict, findings }
    done.set(id, checked)
    watcher.ends(checked)
  }
  watcher.done()
  return [...done.values()]
}

const isMissing = (checked: Checked | undefined): boolean =>
  checked === undefined || checked.verdict === 'fail' || checked.verdict === 'skip'

const DEPENDS = 'depends on '
const skippedFor = (id: string): Finding => ({ verdict: 'skip', message: `${DEPENDS}${id}` })

/** The id of the check without which this one was not asked; undefined for one that was. */
export function neededBy({ verdict, findings }: Checked): string | undefined {
  const [{ message } = { message: '' }, ...others] = findings
  const isIt = verdict === 'skip' && others.length === 0 && message.startsWith(DEPENDS)
  return isIt ? message.slice(DEPENDS.length) : undefined
}

async function lookSafely<Ground>(
  look: Check<Ground>['look'],
  ground: Ground,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await look(ground, signal)
  } catch (thrown) {
    return findingsOf(toFailure(thrown))
  }
}

/** What a failure says, as findings: that the reader may not look is no fault of what is looked at. */
export const findingsOf = ({ problems }: Failure): readonly Finding[] =>
  problems.map(({ code, field, message, fix }) => ({
    verdict: code === 'ClusterForbidden' ? 'warn' : 'fail',
    code: code === 'ClusterForbidden' ? 'RightsMissing' : code,
    ...(field !== undefined && { subject: field }),
    message,
    ...(fix !== undefined && code !== 'ClusterForbidden' && { fix }),
  }))
