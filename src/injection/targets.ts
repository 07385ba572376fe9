import type { Problem } from '../errors/index.ts'
import type { PodValues, RoleReference } from '../settings/index.ts'
import { about } from './annotations.ts'
import { matchesAny } from './patterns.ts'
import { foreignInitContainers } from './pod.ts'
import type { Container, InjectionContext, Pod, Target } from './types.ts'

/** In a mesh's CNI mode these check the redirect rules, which are there before any container. */
const CNI_VALIDATORS: readonly string[] = ['istio-validation', 'linkerd-network-validator']

/**
 * Where the sidecar stands among the pod's other init containers. Behind redirect rules without their proxy it would wait
 * for ever, so: right behind a mesh whose proxy is a native sidecar; else first, which is before the rules are made, and
 * also where init containers of the app stand before those that make them.
 */
export function positionOf(pod: Pod, mesh: readonly string[] | undefined): number {
  const inits = foreignInitContainers(pod)
  const isMesh = inits.map((container) => matchesAny(container.name, mesh))
  const isProxy = ({ restartPolicy }: Container, index: number): boolean =>
    isMesh[index] === true && restartPolicy === 'Always'
  const makesRules = (container: Container, index: number): boolean =>
    isMesh[index] === true && !isProxy(container, index) && !CNI_VALIDATORS.includes(container.name)
  if (!inits.some(isProxy) || (isMesh[0] !== true && inits.some(makesRules))) return 0
  return isMesh.lastIndexOf(true) + 1
}

/** What the place of the sidecar costs somebody. */
export function placeWarnings(pod: Pod, { config }: InjectionContext): string[] {
  const mesh = config['sidecar.meshContainers']
  const inits = foreignInitContainers(pod)
  const early = inits.slice(0, positionOf(pod, mesh)).filter(({ name }) => !matchesAny(name, mesh))
  const warnings = early.map(
    ({ name }) => `container ${name} starts before the mesh's proxy and the sidecar behind it: it gets no credentials`,
  )
  const hasProxy = inits.some(({ name, restartPolicy }) => restartPolicy === 'Always' && matchesAny(name, mesh))
  if (!hasProxy && inits.some(({ name }) => CNI_VALIDATORS.includes(name))) {
    warnings.push(
      "the mesh redirects this pod's traffic before its proxy runs, so the sidecar cannot reach STS: run the proxy as a native sidecar",
    )
  }
  return warnings
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
  const chosen = new Set(commonContainers(pod, values, context))
  const targets = able.flatMap(({ name }): Target[] => {
    const own = values.containerRoles?.get(name)
    const roleArn = own === undefined ? (chosen.has(name) ? common : undefined) : roles(own, 'containerRoles')
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

const MOST_LISTED = 20
const listed = (names: readonly string[]): string =>
  names.slice(0, MOST_LISTED).join(', ') + (names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '')

/** One problem per annotation, with what can be had instead; neither list grows with what a hostile pod writes. */
function unknownNames(
  able: readonly Container[],
  { containers = [], containerRoles = new Map() }: PodValues,
): Problem[] {
  const names = new Set(able.map(({ name }) => name))
  const problemOf = (key: 'containers' | 'containerRoles', asked: Iterable<string>): Problem[] => {
    const unknown = [...asked].filter((name) => !names.has(name)).map((name) => JSON.stringify(name))
    if (unknown.length === 0) return []
    const message = `the pod has no container ${listed(unknown)} that starts after the sidecar; it has ${listed([...names])}`
    return [about(key, 'ContainerUnknown', message)]
  }
  return [...problemOf('containers', containers), ...problemOf('containerRoles', containerRoles.keys())]
}

type Resolve = (role: RoleReference, key: 'roleArn' | 'containerRoles') => string | undefined

/** Turns a bare role name into the ARN in the operator's account, or says once per annotation that there is none. */
function resolver(config: InjectionContext['config'], problems: Problem[]): Resolve {
  const account = config['aws.accountId']
  const said = new Set<string>()
  return (role, key) => {
    if ('arn' in role) return role.arn
    if (account !== undefined) return `arn:${config['aws.partition']}:iam::${account}:role/${role.name}`
    const message = `${JSON.stringify(role.name)} is the name of a role, not its ARN, and the operator has set no account`
    if (!said.has(key)) problems.push(about(key, 'RoleAccountUnknown', message))
    said.add(key)
    return undefined
  }
}
