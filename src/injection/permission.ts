/** Which roles a namespace may use: the trust policy is the boundary, and this is what narrows it. */
import type { Problem } from '../errors/index.ts'
import { type ConfigOf, type PodKey, podSettings, readText } from '../settings/index.ts'
import { type Asked, about } from './asked.ts'
import { annotationOf } from './names.ts'
import { matches } from './patterns.ts'
import { textIn } from './sources.ts'
import type { InjectionContext, Target } from './types.ts'

/** `*` crosses neither of these, so that it stands for a part of one segment of the role's path, or of its name. */
const SEGMENTS = '/:'

export const isPermitted = (roleArn: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matches(roleArn, pattern, SEGMENTS))

/** What the roles are held to: the namespace's patterns, else the operator's; undefined where nobody says any. */
type Permitted = { readonly patterns?: readonly string[] | undefined; readonly problem?: Problem }

function permittedIn({ config, namespace, sources }: InjectionContext): Permitted {
  const text = textIn(sources?.namespace ?? {}, annotationOf('permittedRoles'))
  if (text === undefined)
    return { patterns: config['permission.defaultRoles'] ?? (isRequired(config) ? [] : undefined) }
  const field = `Namespace ${namespace}: metadata.annotations[${annotationOf('permittedRoles')}]`
  const read = readText(podSettings.permittedRoles.kind, text.trim(), { code: 'PermissionInvalid', field })
  if (!('problem' in read)) return { patterns: read.value }
  const { code, message } = read.problem
  return { problem: { code, field, message } }
}

export const isRequired = (config: ConfigOf<'webhook'>): boolean => config['permission.mode'] === 'required'

/** Why the namespace may not use the role; undefined where it may. */
export const permissionOf = (roleArn: string, context: InjectionContext): Problem | undefined =>
  refusalOf(roleArn, permittedIn(context), context)

function refusalOf(
  roleArn: string,
  { patterns, problem }: Permitted,
  { namespace }: InjectionContext,
): Problem | undefined {
  if (problem !== undefined || patterns === undefined || isPermitted(roleArn, patterns)) return problem
  const few = patterns.slice(0, MOST_LISTED).join(', ') + (patterns.length > MOST_LISTED ? ', …' : '')
  const choice = patterns.length === 0 ? 'no role is' : `permitted there: ${few}`
  const message = `${roleArn} is not permitted in namespace ${namespace}; ${choice}`
  return { code: 'RoleNotPermitted', message }
}

const MOST_LISTED = 5

/** One problem per annotation that says a role which the namespace may not use. */
export function permissionProblems(targets: readonly Target[], asked: Asked, context: InjectionContext): Problem[] {
  const problems = new Map<string, Problem>()
  // Once: a namespace's patterns may be long, and a pod's roles many.
  const permitted = permittedIn(context)
  for (const { key, roleArn } of rolesOf(targets, asked)) {
    const problem = refusalOf(roleArn, permitted, context)
    if (problem === undefined) continue
    // Of the namespace's own annotation there is but one.
    const field = problem.field ?? asked.fieldOf(key)
    if (!problems.has(field)) problems.set(field, { ...problem, field })
  }
  return [...problems.values()]
}

/** Those that come after the first role, too. */
function rolesOf(targets: readonly Target[], asked: Asked): readonly { key: PodKey; roleArn: string }[] {
  const chain = (asked.values.assumeRoleArn ?? []).map((roleArn) => ({ key: 'assumeRoleArn' as const, roleArn }))
  const first = targets.map(({ own, roleArn }) => ({
    key: own ? ('containerRoles' as const) : ('roleArn' as const),
    roleArn,
  }))
  return [...first, ...chain]
}

/** Why an app may not hold the raw token, with which it could go to STS by itself; undefined where it may. */
export function directReason(config: ConfigOf<'webhook'>): string | undefined {
  if (isRequired(config)) return 'the operator requires roles to be permitted'
  return config['defaults.lockSessionName'] ? 'the operator has set the session name for all pods' : undefined
}

export function directProblems(asked: Asked, { config }: InjectionContext): Problem[] {
  const reason = directReason(config)
  return reason === undefined ? [] : [about(asked, 'mode', 'DirectModeNotPermitted', reason)]
}

/** Patterns that permit each role of an account, or each below some path: perhaps not what was meant. */
export const catchAllPatterns = (patterns: readonly string[]): readonly string[] =>
  patterns.filter((pattern) => /:role\/(\*+\/)*\*+$/.test(pattern))
