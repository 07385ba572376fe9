import type { Problem } from '../errors/index.ts'
import { isObject } from '../json/index.ts'
import { BROKER, SIDECAR } from './layout.ts'
import type { Container, Pod } from './types.ts'

/** Paths are put together only for what is wrong: a large pod has tens of thousands of fields. */
type Path = string | undefined
type Check = (value: unknown, path: Path, report: (path: Path, what: string) => void) => void

/**
 * Says whether raw JSON has the shape of a pod in the fields that are looked at, every problem at once. The API server
 * sends nothing else; whoever plays the API server may.
 */
export function readPod(raw: unknown): { readonly pod: Pod } | { readonly problems: readonly Problem[] } {
  const problems = hasShape(raw) ? [] : shapeProblems(raw)
  if (problems.length > 0) return { problems }
  const pod = raw as Pod
  const count = pod.spec.containers.length + list(pod.spec.initContainers).length
  if (count <= MOST_CONTAINERS) return { pod }
  return {
    problems: [{ code: 'PodInvalid', field: 'spec', message: `has ${count} containers, more than ${MOST_CONTAINERS}` }],
  }
}

function hasShape(raw: unknown): boolean {
  let holds = true
  podShape(raw, undefined, () => {
    holds = false
  })
  return holds
}

function shapeProblems(raw: unknown): readonly Problem[] {
  const problems: Problem[] = []
  podShape(raw, '', (path, what) => {
    if (problems.length < 20) problems.push({ code: 'PodInvalid', field: path || 'pod', message: `must be ${what}` })
  })
  return problems
}

/** Far more than a node could start. */
const MOST_CONTAINERS = 1000

export const list = <T>(items: readonly T[] | null | undefined): readonly T[] => items ?? []

/** The containers of the pod that are not ours, with where they stand. */
export const foreignInitContainers = (pod: Pod): readonly Container[] =>
  list(pod.spec.initContainers).filter((container) => !isSidecar(container))
export const foreignContainers = (pod: Pod): readonly Container[] => [
  ...foreignInitContainers(pod),
  ...pod.spec.containers,
]

/** A static pod of a node, as the API shows it: nothing of it can be changed there. */
export const isMirror = ({ metadata }: Pod): boolean =>
  Object.hasOwn(metadata.annotations ?? {}, 'kubernetes.io/config.mirror')

/** By the label's older name as well, as the EKS pod identity webhook does. */
export const isWindows = ({ spec }: Pod): boolean =>
  spec.os?.name === 'windows' ||
  ['kubernetes.io/os', 'beta.kubernetes.io/os'].some((label) => spec.nodeSelector?.[label] === 'windows')

/** A native sidecar of one of our names: ours, or made to look so, and rebuilt in either case. */
export const isSidecar = (container: Container): boolean =>
  isOwnName(container.name) && container.restartPolicy === 'Always'
export const isOwnName = (name: string): boolean => name === SIDECAR || name === BROKER
export const sidecarOf = (pod: Pod, name: string): Container | undefined =>
  list(pod.spec.initContainers).find((container) => container.name === name && isSidecar(container))

const primitive =
  (type: 'string' | 'boolean' | 'number'): Check =>
  (value, path, report) => {
    if (typeof value !== type) report(path, `a ${type}`)
  }

const optional =
  (check: Check): Check =>
  (value, path, report) => {
    if (value !== undefined && value !== null) check(value, path, report)
  }

const arrayOf =
  (check: Check): Check =>
  (value, path, report) => {
    if (!Array.isArray(value)) report(path, 'a list')
    else for (const [index, item] of value.entries()) check(item, path && `${path}[${index}]`, report)
  }

const mapOf =
  (check: Check): Check =>
  (value, path, report) => {
    if (!isObject(value)) report(path, 'a mapping')
    else for (const [key, item] of Object.entries(value)) check(item, path && `${path}[${key.slice(0, 80)}]`, report)
  }

const below = (path: Path, name: string): Path => (path ? `${path}.${name}` : path === '' ? name : undefined)

function shape(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields)
  return (value, path, report) => {
    if (!isObject(value)) {
      report(path, 'an object')
      return
    }
    for (const [name, check] of checks)
      check(Object.hasOwn(value, name) ? value[name] : undefined, below(path, name), report)
  }
}

const text = primitive('string')
/** What YAML takes for something else, where somebody forgot the quotes; the API server lets none through. */
const annotation: Check = (value, path, report) => {
  if (typeof value !== 'string') report(path, 'a string: in YAML, put it in quotes')
}
const anything: Check = () => {}
const amount: Check = (value, path, report) => {
  if (typeof value !== 'string' && typeof value !== 'number') report(path, 'a quantity')
}
const resources = optional(shape({ requests: optional(mapOf(amount)), limits: optional(mapOf(amount)) }))

const user = { runAsUser: optional(primitive('number')), runAsNonRoot: optional(primitive('boolean')) }

const variable = shape({ name: text, value: optional(text) })
/** Said once more, since a pod can have thousands of them: what it holds for needs no closer look. */
const isVariable = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['name'] === 'string' &&
  (value['value'] === undefined || value['value'] === null || typeof value['value'] === 'string')

const container = shape({
  name: text,
  image: optional(text),
  imagePullPolicy: optional(text),
  restartPolicy: optional(text),
  securityContext: optional(
    shape({
      ...user,
      privileged: optional(primitive('boolean')),
      capabilities: optional(shape({ add: optional(arrayOf(text)), drop: optional(arrayOf(text)) })),
    }),
  ),
  env: optional(
    arrayOf((value, path, report) => {
      if (!isVariable(value)) variable(value, path, report)
    }),
  ),
  envFrom: optional(arrayOf(anything)),
  volumeMounts: optional(
    arrayOf(shape({ name: text, mountPath: text, subPath: optional(text), readOnly: optional(primitive('boolean')) })),
  ),
  ports: optional(arrayOf(shape({ containerPort: optional(primitive('number')), protocol: optional(text) }))),
  resources,
})

const podShape = shape({
  metadata: shape({ annotations: optional(mapOf(annotation)) }),
  spec: shape({
    containers: arrayOf(container),
    initContainers: optional(arrayOf(container)),
    volumes: optional(arrayOf(shape({ name: text }))),
    serviceAccountName: optional(text),
    hostNetwork: optional(primitive('boolean')),
    hostPID: optional(primitive('boolean')),
    shareProcessNamespace: optional(primitive('boolean')),
    securityContext: optional(shape(user)),
    nodeSelector: optional(mapOf(text)),
    os: optional(shape({ name: optional(text) })),
    resources,
    terminationGracePeriodSeconds: optional(primitive('number')),
  }),
})
