/** What a workflow may not do here, beyond what actionlint finds: a sentence for each place. */
import type { Job, Step, Workflow } from './read.ts'

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/
const VERSION = /^v\d+\.\d+\.\d+$/
/** With these whoever opens a pull request, or a workflow that does, has the repository's rights. */
const FORBIDDEN = ['pull_request_target', 'workflow_run', 'issue_comment']
const CHECKOUT = 'actions/checkout@'

export const ruleProblems = (workflow: Workflow): readonly string[] =>
  [
    ...workflow.uses.flatMap(({ action, comment }) => pinProblems(action, comment)),
    ...triggersOf(workflow.triggers)
      .filter((name) => FORBIDDEN.includes(name))
      .map((name) => `${name} gives strangers the repository's rights`),
    ...(isNothing(workflow.permissions) ? [] : ['its permissions are not {}: each job says what it needs']),
    ...(workflow.concurrency === undefined ? ['it has no concurrency group'] : []),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) => jobProblems(job).map((one) => `job ${name}: ${one}`)),
  ].map((problem) => `${workflow.path}: ${problem}`)

function pinProblems(action: string, comment: string): readonly string[] {
  if (!PINNED.test(action)) return [`${action} is not pinned by a commit`]
  return VERSION.test(comment) ? [] : [`${action} has no comment with its version`]
}

const triggersOf = (on: unknown): readonly string[] =>
  typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(on ?? {})

const isNothing = (permissions: unknown): boolean =>
  typeof permissions === 'object' && permissions !== null && Object.keys(permissions).length === 0

function jobProblems(job: Job): readonly string[] {
  const { permissions } = job
  const declared = typeof permissions === 'object' && permissions !== null
  return [
    ...(declared ? [] : ['it does not say its permissions, one by one']),
    ...(typeof job['timeout-minutes'] === 'number' ? [] : ['it has no timeout']),
    ...(job.steps ?? []).flatMap(stepProblems),
  ]
}

function stepProblems(step: Step): readonly string[] {
  const name = step.name ?? step.uses ?? step.run?.split('\n')[0] ?? 'a step'
  const keeps = step.uses?.startsWith(CHECKOUT) === true && step.with?.['persist-credentials'] !== false
  return [
    // Whatever it is: text that becomes part of a script is run; an environment variable is not.
    ...(step.run?.includes('${{') === true ? [`"${name}" has an expression in its script: hand it in by env`] : []),
    ...(keeps ? [`"${name}" leaves the token in the checkout: persist-credentials is not false`] : []),
  ]
}
