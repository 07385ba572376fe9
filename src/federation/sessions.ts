import type { Problem } from '../errors/index.ts'
import { isLater, type PodValues, podEntries, type RoleReference } from '../settings/index.ts'
import { renderSessionName, type SessionNameParts } from './sessionName.ts'
import type { WebIdentityRequest } from './sts.ts'

/** One session of the pod: what STS is asked for, and the containers that share what it answers. */
export type SessionPlan = {
  /** `default` for what containers share, else the container's name: a label of metrics. */
  readonly name: string
  readonly containers: readonly string[]
  readonly request: Omit<WebIdentityRequest, 'token'>
}

export type PodIdentity = Omit<SessionNameParts, 'container'>

const SHARED = 'default'
/** DNS labels have no slash, so it cannot be taken for another container. */
const sessionOf = (container: string): string => (container === SHARED ? `container/${SHARED}` : container)

/**
 * The sessions that the sidecar's variables ask for. Containers with the common role share one, unless its name tells
 * them apart; a container with a role of its own has its own. By IMDS there is one session, `default`, whoever asks. The
 * values have no `sessionProblems`.
 */
export function planSessions(values: PodValues, pod: PodIdentity): readonly SessionPlan[] {
  const { roleArn, containers = [], containerRoles = new Map<string, RoleReference>(), sessionName = '' } = values
  const planOf = (name: string, role: RoleReference, of: readonly string[]): SessionPlan => {
    const roleSessionName = renderSessionName(sessionName, { ...pod, container: of[0] ?? name })
    return { name, containers: of, request: { roleArn: arnOf(role) ?? '', roleSessionName, ...requestOf(values) } }
  }
  const own = [...containerRoles].map(([container, role]) => planOf(sessionOf(container), role, [container]))
  if (roleArn === undefined) return own
  if (!sessionName.includes('{container}')) return [planOf(SHARED, roleArn, containers), ...own]
  return [...containers.map((container) => planOf(sessionOf(container), roleArn, [container])), ...own]
}

const arnOf = (role: RoleReference): string | undefined => ('arn' in role ? role.arn : undefined)

function requestOf({
  sessionDuration = 0,
  sessionPolicy,
  sessionPolicyArns,
}: PodValues): Omit<WebIdentityRequest, 'token' | 'roleArn' | 'roleSessionName'> {
  return {
    durationSeconds: sessionDuration,
    ...(sessionPolicy !== undefined && { policy: sessionPolicy }),
    ...(sessionPolicyArns !== undefined && { policyArns: sessionPolicyArns }),
  }
}

/** What the webhook always writes; whoever wrote the container by hand learns what is missing. */
const NEEDED = ['audience', 'sessionDuration', 'sessionName', 'region', 'credentialsPort', 'metricsPort'] as const

/** What the sidecar cannot do without, or cannot do yet, every problem at once. */
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
  return [...problems, ...twice(values, variables), ...notByImds(values, variables), ...notYet(values, variables)]
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

/** A setting without its engine is refused rather than ignored: a chain left out would give the wrong role. */
function notYet(values: PodValues, variables: ReadonlyMap<string, string>): Problem[] {
  return podEntries
    .filter(([key, setting]) => values[key] !== undefined && isLater(setting, String(values[key])))
    .map(([key]) => ({
      code: 'SettingInvalid',
      field: variables.get(key) ?? key,
      message: 'this version of the sidecar does not support it',
    }))
}
