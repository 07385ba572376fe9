import type { Problem } from '../errors/index.ts'
import type { PodValues, RoleReference } from '../settings/index.ts'
import { about } from './annotations.ts'
import { matchesAny } from './patterns.ts'
import { foreignInitContainers } from './pod.ts'
import type { Container, InjectionContext, Pod, Target } from './types.ts'

/**
 * Where the sidecar stands among the pod's other init containers: first, or right behind a mesh whose proxy is a native
 * sidecar. Behind redirect rules without their proxy it would wait for ever, so a mesh that runs its proxy as an ordinary
 * container gets the sidecar before the rules.
 */
export function positionOf(pod: Pod, mesh: readonly string[] | undefined): number {
  const inits = foreignInitContainers(pod)
  const isMesh = inits.map((container) => matchesAny(container.name, mesh))
  const hasProxy = inits.some((container, index) => isMesh[index] && container.restartPolicy === 'Always')
  return hasProxy ? isMesh.lastIndexOf(true) + 1 : 0
}

type Selection = { readonly targets: readonly Target[]; readonly problems: readonly Problem[] }

/**
 * Which containers get which role. `container-roles` names its own; the others get `role-arn`, if `containers` selects
 * them or is absent. A mesh's containers get nothing unless they are named.
 */
export function selectTargets(pod: Pod, values: PodValues, context: InjectionContext): Selection {
  const able = ableContainers(pod, context)
  const problems = [...unknownNames(able, values), ...(values.roleArn ? [] : withoutRole(values))]
  const roles = resolver(context.config, problems)
  const common = values.roleArn === undefined ? undefined : roles(values.roleArn, 'roleArn')
  const chosen = commonContainers(pod, values, context)
  const targets = able.flatMap(({ name }): Target[] => {
    const own = values.containerRoles?.get(name)
    const roleArn = own === undefined ? (chosen.includes(name) ? common : undefined) : roles(own, 'containerRoles')
    return roleArn === undefined ? [] : [{ container: name, roleArn, own: own !== undefined }]
  })
  if (targets.length === 0 && problems.length === 0) {
    problems.push(about('roleArn', 'NoTargetContainer', 'it selects no container that starts after the sidecar'))
  }
  return { targets, problems }
}

/** Those that start when the sidecar serves. */
function ableContainers(pod: Pod, { config }: InjectionContext): readonly Container[] {
  return [
    ...foreignInitContainers(pod).slice(positionOf(pod, config['sidecar.meshContainers'])),
    ...pod.spec.containers,
  ]
}

/** Those that `role-arn` is for, whatever it is. */
export function commonContainers(pod: Pod, { containers }: PodValues, context: InjectionContext): readonly string[] {
  const mesh = context.config['sidecar.meshContainers']
  const names = ableContainers(pod, context).map(({ name }) => name)
  return containers ?? names.filter((name) => !matchesAny(name, mesh))
}

function withoutRole(values: PodValues): Problem[] {
  if (values.containers !== undefined && values.containerRoles !== undefined) {
    const fix = 'Add lanyard.dev/role-arn, or remove lanyard.dev/containers.'
    return [
      about('containers', 'AnnotationsConflict', 'it selects who gets lanyard.dev/role-arn, which is absent', fix),
    ]
  }
  return values.containerRoles === undefined ? [about('roleArn', 'RoleMissing', 'there is no role')] : []
}

function unknownNames(
  able: readonly Container[],
  { containers = [], containerRoles = new Map() }: PodValues,
): Problem[] {
  const names = new Set(able.map(({ name }) => name))
  const message = (name: string): string =>
    `the pod has no container ${JSON.stringify(name)} that starts after the sidecar; it has ${[...names].join(', ')}`
  return [
    ...containers
      .filter((name) => !names.has(name))
      .map((name) => about('containers', 'ContainerUnknown', message(name))),
    ...[...containerRoles.keys()]
      .filter((name) => !names.has(name))
      .map((name) => about('containerRoles', 'ContainerUnknown', message(name))),
  ]
}

/** Turns a bare role name into the ARN in the operator's account, or says once per name that there is none. */
function resolver(
  config: InjectionContext['config'],
  problems: Problem[],
): (role: RoleReference, key: 'roleArn' | 'containerRoles') => string | undefined {
  const account = config['aws.accountId']
  return (role, key) => {
    if ('arn' in role) return role.arn
    if (account !== undefined) return `arn:${config['aws.partition']}:iam::${account}:role/${role.name}`
    const message = `${JSON.stringify(role.name)} is the name of a role, not its ARN, and the operator has set no account`
    if (!problems.some((problem) => problem.message === message))
      problems.push(about(key, 'RoleAccountUnknown', message))
    return undefined
  }
}
