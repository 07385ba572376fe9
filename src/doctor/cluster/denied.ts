import type { Problem } from '../../errors/index.ts'
import { annotationOf } from '../../settings/index.ts'
import { asCommand } from '../../terminal/shell.ts'
import type { Ground, Subject } from '../ground.ts'
import type { Finding } from '../types.ts'
import { annotationsOf } from './objects.ts'
import { isInjected } from './pods.ts'

/** What speaks against a pod. Of one that runs with its sidecar it is a warning: the next of its kind would not be made. */
export async function denied(
  subject: Subject,
  problems: readonly Problem[],
  ground: Ground,
): Promise<readonly Finding[]> {
  const runs = subject.isLive && isInjected(subject.pod)
  // Whoever wrote variables behind Lanyard is looked for among the app's.
  const told = runs ? problems.filter(({ code }) => code !== 'EnvWinsOverLanyard') : problems
  return await Promise.all(told.map((problem) => toFinding(problem, runs, subject, ground)))
}

async function toFinding(problem: Problem, runs: boolean, subject: Subject, ground: Ground): Promise<Finding> {
  const { code, field, message } = problem
  const fix = code === 'RoleNotPermitted' ? await permission(message, subject, ground) : problem.fix
  return {
    verdict: runs ? 'warn' : 'fail',
    code,
    subject: subject.title,
    message: `${runs ? 'it runs, and would be refused now: ' : ''}${field === undefined ? '' : `${field}: `}${message}`,
    ...(fix !== undefined && { fix }),
  }
}

/** Of a longer command the end would be cut off, and with it a role. */
const MOST_VALUE = 1_000

/** What the operator would run; what is permitted today, which parsed as patterns of roles, stays so. */
async function permission(message: string, subject: Subject, ground: Ground): Promise<string | undefined> {
  const [, role] = /^(arn:[\w:/+=,.@*-]+) is not permitted/.exec(message) ?? []
  const annotation = annotationOf('permittedRoles')
  const today = annotationsOf(await ground.namespaceOf(subject))
    [annotation]?.trim()
    .replaceAll(/\s+/g, ' ')
  if (role === undefined) return undefined
  // Where the namespace says nothing, what the operator permits all namespaces would end with its first word.
  const usual = (await ground.configuration())?.config['permission.defaultRoles']?.join(' ')
  const value = [today || usual, role].filter((each) => each).join(' ')
  if (value.length > MOST_VALUE)
    return `Choose a role that is permitted, or have the operator add ${role} to ${annotation} of namespace ${subject.namespace}${today ? '' : ', with all of permission.defaultRoles, which do not count beside it'}.`
  return `Choose a role that is permitted, or have the operator run: ${asCommand(`kubectl annotate --overwrite namespace ${subject.namespace} '${annotation}=${value}'`)}.`
}
