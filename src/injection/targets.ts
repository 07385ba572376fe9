import type { Problem } from '../errors/index.ts'
import type { RoleReference } from '../settings/index.ts'
import { type Asked, about } from './asked.ts'
import { chosenProvider } from './identity.ts'
import { matchesAny } from './patterns.ts'
import { foreignContainers, foreignInitContainers } from './pod.ts'
import { positionOf } from './position.ts'
import { skippedByEks } from './sources.ts'
import type { Container, InjectionContext, Pod, Target } from './types.ts'

type Selection = {
  readonly targets: readonly Target[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
}

export const noSelection: Selection = { targets: [], problems: [], warnings: [] }

/**
 * Which containers get which role. `container-roles` names its own; the others get `role-arn`, if `containers` selects
 * them or is absent. A mesh's containers get nothing unless they are named.
 */
export function selectTargets(pod: Pod, asked: Asked, context: InjectionContext): Selection {
  const { values } = asked
  const able = ableContainers(pod, asked, context)
  const problems = [...unknownNames(able, asked), ...(values.roleArn ? [] : withoutRole(asked, context))]
  const roles = resolver(context.config, asked, problems)
  const common = values.roleArn === undefined ? undefined : roles(values.roleArn, 'roleArn')
  const chosen = new Set(commonContainers(pod, asked, context))
  const targets = able.flatMap(({ name }): Target[] => {
    const own = values.containerRoles?.get(name)
    const roleArn = own === undefined ? (chosen.has(name) ? common : undefined) : roles(own, 'containerRoles')
    return roleArn === undefined ? [] : [{ container: name, roleArn, own: own !== undefined }]
  })
  if (targets.length === 0 && problems.length === 0) {
    const key = values.roleArn === undefined ? 'containerRoles' : 'roleArn'
    problems.push(about(asked, key, 'NoTargetContainer', 'it selects no container that can have credentials'))
  }
  return { targets, problems, warnings: shadowed(targets, asked) }
}

/** A role that nobody gets, since each container that could has one of its own. */
function shadowed(targets: readonly Target[], { values }: Asked): string[] {
  if (values.roleArn === undefined || targets.length === 0 || targets.some(({ own }) => !own)) return []
  const roles =
    values.assumeRoleArn === undefined
      ? 'lanyard.dev/role-arn is'
      : 'lanyard.dev/role-arn and the chain of lanyard.dev/assume-role-arn are'
  return [`${roles} used by no container: lanyard.dev/container-roles gives each of them its own`]
}

/** Those that start when the sidecar serves; in direct mode there is none to wait for. */
function ableContainers(pod: Pod, { values }: Asked, context: InjectionContext): readonly Container[] {
  if (values.mode === 'direct') return foreignContainers(pod)
  const writer = chosenProvider(values, context)?.written?.writer
  return [
    ...foreignInitContainers(pod).slice(positionOf(pod, context.config['sidecar.meshContainers'], writer)),
    ...pod.spec.containers,
  ]
}

/** Those that `role-arn` is for, whatever it is. */
export function commonContainers(pod: Pod, asked: Asked, context: InjectionContext): readonly string[] {
  const mesh = context.config['sidecar.meshContainers']
  const skipped = skippedByEks(pod, context)
  const names = ableContainers(pod, asked, context).map(({ name }) => name)
  return asked.values.containers ?? names.filter((name) => !matchesAny(name, mesh) && !skipped.has(name))
}

function withoutRole(asked: Asked, { namespace, sources }: InjectionContext): Problem[] {
  const { values } = asked
  if (values.containers !== undefined && values.containerRoles !== undefined) {
    const message = 'it selects who gets lanyard.dev/role-arn, which is absent'
    const fix = 'Add lanyard.dev/role-arn, or remove lanyard.dev/containers.'
    return [about(asked, 'containers', 'AnnotationsConflict', message, fix)]
  }
  if (values.containerRoles !== undefined) return []
  const message =
    sources === undefined
      ? 'there is no role'
      : `the pod says no role, nor do ServiceAccount ${sources.serviceAccount.name} and Namespace ${namespace}`
  return [about(asked, 'roleArn', 'RoleMissing', message)]
}

const MOST_LISTED = 20
const listed = (names: readonly string[]): string =>
  names.slice(0, MOST_LISTED).join(', ') + (names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '')

/**
 * One problem per annotation, with what can be had instead; neither list grows with what a hostile pod writes. A
 * ServiceAccount or a namespace speaks of many pods, which need not have all containers that it names.
 */
function unknownNames(able: readonly Container[], asked: Asked): Problem[] {
  const names = new Set(able.map(({ name }) => name))
  const problemOf = (key: 'containers' | 'containerRoles', named: Iterable<string>): Problem[] => {
    const unknown = [...named].filter((name) => !names.has(name)).map((name) => JSON.stringify(name))
    if (unknown.length === 0 || !asked.isOwn(key)) return []
    const when = asked.values.mode === 'direct' ? '' : ' that starts after the sidecar'
    const message = `the pod has no container ${listed(unknown)}${when}; it has ${listed([...names])}`
    return [about(asked, key, 'ContainerUnknown', message)]
  }
  const { containers = [], containerRoles = new Map() } = asked.values
  return [...problemOf('containers', containers), ...problemOf('containerRoles', containerRoles.keys())]
}

type Resolve = (role: RoleReference, key: 'roleArn' | 'containerRoles') => string | undefined

/** Turns a bare role name into the ARN in the operator's account, or says once per annotation that there is none. */
function resolver(config: InjectionContext['config'], asked: Asked, problems: Problem[]): Resolve {
  const said = new Set<string>()
  return (role, key) => {
    const arn = arnOf(role, config)
    if (arn !== undefined) return arn
    const name = 'name' in role ? JSON.stringify(role.name) : ''
    const message = `${name} is the name of a role, not its ARN, and the operator has set no account`
    if (!said.has(key)) problems.push(about(asked, key, 'RoleAccountUnknown', message))
    said.add(key)
    return undefined
  }
}

/** Of a bare name, the role of that name in the operator's account; undefined where there is none. */
export function arnOf(role: RoleReference, config: InjectionContext['config']): string | undefined {
  if ('arn' in role) return role.arn
  const account = config['aws.accountId']
  return account === undefined ? undefined : `arn:${config['aws.partition']}:iam::${account}:role/${role.name}`
}
