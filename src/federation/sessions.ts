import type { Problem } from '../errors/index.ts'
import { LONGEST_CHAINED_SECONDS, type PodValues, podEntries, type RoleReference } from '../settings/index.ts'
import { renderSessionName, type SessionNameParts } from './sessionName.ts'
import type { AssumeRoleRequest, RoleRequest } from './sts.ts'

/** What the pod's identity is exchanged for. */
export type IdentityRequest = RoleRequest & { readonly roleSessionName: string }

/** One session of the pod: what STS is asked for, and the containers that share what it answers. */
export type SessionPlan = {
  /** `default` for what containers share, else the container's name: a label of metrics. Those before a last one have `/N`. */
  readonly name: string
  /** None where the session is only on the way to another. */
  readonly containers: readonly string[]
  readonly hop: Hop
}

/** How a session comes about: by the pod's identity, or by the session before. */
export type Hop =
  | { readonly kind: 'identity'; readonly request: IdentityRequest }
  | { readonly kind: 'chain'; readonly from: string; readonly request: AssumeRoleRequest }

export type PodIdentity = Omit<SessionNameParts, 'container'>

const SHARED = 'default'
/** DNS labels have no slash, so it cannot be taken for another container. */
const sessionOf = (container: string): string => (container === SHARED ? `container/${SHARED}` : container)

/**
 * The sessions that the sidecar's variables ask for. Containers with the common role share one, unless its name tells
 * them apart; a container with a role of its own has its own. By IMDS there is one session, `default`, whoever asks. Of a
 * chain each role is a session of its own, those that come first before those that need them. The values have no
 * `sessionProblems`.
 */
export function planSessions(values: PodValues, pod: PodIdentity): readonly SessionPlan[] {
  const { roleArn, containers = [], containerRoles = new Map<string, RoleReference>(), sessionName = '' } = values
  const nameFor = (container: string): string => renderSessionName(sessionName, { ...pod, container })
  const own = [...containerRoles].map(([container, role]): SessionPlan => {
    const request = { roleArn: arnOf(role) ?? '', roleSessionName: nameFor(container), ...lastOf(values) }
    return { name: sessionOf(container), containers: [container], hop: { kind: 'identity', request } }
  })
  if (roleArn === undefined) return own
  const common = (name: string, of: readonly string[]): readonly SessionPlan[] =>
    chained({ name, containers: of, roleArn: arnOf(roleArn) ?? '', roleSessionName: nameFor(of[0] ?? name), values })
  if (!sessionName.includes('{container}')) return [...common(SHARED, containers), ...own]
  return [...containers.flatMap((container) => common(sessionOf(container), [container])), ...own]
}

type Chained = {
  readonly name: string
  readonly containers: readonly string[]
  readonly roleArn: string
  readonly roleSessionName: string
  readonly values: PodValues
}

/** Of the sessions before the last: an hour is what every role allows. */
const BETWEEN = { durationSeconds: LONGEST_CHAINED_SECONDS } as const

/** The role and those behind it. What narrows the credentials is for the last, which the app gets; the source identity stays. */
function chained({ name, containers, roleArn, roleSessionName, values }: Chained): readonly SessionPlan[] {
  const { assumeRoleArn: roles = [], assumeRoleExternalId: externalId, assumeRoleTags: tags, sourceIdentity } = values
  const limitsOf = (index: number): Omit<RoleRequest, 'roleArn'> => (index === roles.length ? lastOf(values) : BETWEEN)
  const placeOf = (index: number): Pick<SessionPlan, 'name' | 'containers'> =>
    index === roles.length ? { name, containers } : { name: `${name}/${index + 1}`, containers: [] }
  const first: SessionPlan = {
    ...placeOf(0),
    hop: { kind: 'identity', request: { roleArn, roleSessionName, ...limitsOf(0) } },
  }
  const others = roles.map((arn, at): SessionPlan => {
    const request: AssumeRoleRequest = {
      roleArn: arn,
      roleSessionName,
      ...limitsOf(at + 1),
      ...(externalId !== undefined && { externalId }),
      ...(tags !== undefined && at === roles.length - 1 && { tags }),
      ...(sourceIdentity !== undefined && at === 0 && { sourceIdentity }),
    }
    return { ...placeOf(at + 1), hop: { kind: 'chain', from: placeOf(at).name, request } }
  })
  return [first, ...others]
}

const arnOf = (role: RoleReference): string | undefined => ('arn' in role ? role.arn : undefined)

const lastOf = ({
  sessionDuration = 0,
  sessionPolicy,
  sessionPolicyArns,
}: PodValues): Omit<RoleRequest, 'roleArn'> => ({
  durationSeconds: sessionDuration,
  ...(sessionPolicy !== undefined && { policy: sessionPolicy }),
  ...(sessionPolicyArns !== undefined && { policyArns: sessionPolicyArns }),
})

/** What the webhook always writes; whoever wrote the container by hand learns what is missing. */
const NEEDED = ['audience', 'sessionDuration', 'sessionName', 'region', 'credentialsPort', 'metricsPort'] as const

/** What the sidecar cannot do without, and what contradicts itself, every problem at once. */
export function sessionProblems(values: PodValues): Problem[] {
  const variables = new Map(podEntries.map(([key, setting]) => [key, setting.env ?? key]))
  const missing = (key: (typeof podEntries)[number][0]): Problem => ({
    code: 'SettingMissing',
    field: variables.get(key) ?? key,
    message: 'there is no value',
    fix: 'The webhook writes it: look at how this container was made',
  })
  const problems = NEEDED.filter((key) => values[key] === undefined).map(missing)
  if (values.roleArn === undefined && values.containerRoles === undefined) problems.push(missing('roleArn'))
  if (values.roleArn !== undefined && values.containers === undefined) problems.push(missing('containers'))
  const roles = [
    ['roleArn', values.roleArn],
    ...[...(values.containerRoles?.values() ?? [])].map((role) => ['containerRoles', role]),
  ] as const
  for (const [key, role] of roles) {
    if (role === undefined || typeof role === 'string' || arnOf(role) !== undefined) continue
    problems.push({
      code: 'SettingInvalid',
      field: variables.get(key as 'roleArn') ?? '',
      message: 'a role is not given by its ARN',
    })
  }
  return [...problems, ...twice(values, variables), ...notByImds(values, variables), ...ofChain(values, variables)]
}

/** The webhook never writes that; by hand, whose credentials such a container got would be chance. */
function twice({ containers = [], containerRoles }: PodValues, variables: ReadonlyMap<string, string>): Problem[] {
  return containers
    .filter((container) => containerRoles?.has(container))
    .map((container) => ({
      code: 'SettingInvalid',
      field: variables.get('containerRoles') ?? '',
      message: `${container} is among ${variables.get('containers')} too, so it would have two roles`,
    }))
}

/** Nobody who asks IMDS says which container he is, so there is one session: what would make several of it is refused. */
function notByImds(
  { protocol, containerRoles, sessionName = '' }: PodValues,
  variables: ReadonlyMap<string, string>,
): Problem[] {
  if (protocol !== 'imds') return []
  const keys = [
    ...(containerRoles === undefined ? [] : ['containerRoles']),
    ...(sessionName.includes('{container}') ? ['sessionName'] : []),
  ]
  return keys.map((key) => ({
    code: 'SettingInvalid',
    field: variables.get(key) ?? '',
    message: `it tells containers apart, and by ${variables.get('protocol')}=imds they have one session`,
  }))
}

/** Written by hand: what the webhook would have refused. */
function ofChain(
  { assumeRoleArn, roleArn, sessionDuration = 0 }: PodValues,
  variables: ReadonlyMap<string, string>,
): Problem[] {
  if (assumeRoleArn === undefined) return []
  const problems: Problem[] = []
  if (roleArn === undefined) {
    const message = `it goes on from ${variables.get('roleArn')}, which is absent`
    problems.push({ code: 'SettingInvalid', field: variables.get('assumeRoleArn') ?? '', message })
  }
  if (sessionDuration > LONGEST_CHAINED_SECONDS) {
    const message = 'by role chaining a session lasts an hour at most'
    problems.push({ code: 'SettingInvalid', field: variables.get('sessionDuration') ?? '', message })
  }
  return problems
}
