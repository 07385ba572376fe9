import { annotationOf, EKS_PREFIX, type PodKey } from '../settings/index.ts'
import type { Annotations, InjectionContext, Pod } from './types.ts'

/** One of the objects that say something about a pod. */
export type Source = {
  readonly kind: 'pod' | 'serviceAccount' | 'namespace'
  /** What stands before the field in messages; '' for the pod. */
  readonly where: string
  readonly annotations: Annotations
  /** Whether annotations of the EKS pod identity webhook are read as aliases. */
  readonly readsEks: boolean
}

/** What a source says for a key, and by which annotation. */
export type Said = { readonly text: string; readonly annotation: string }

/** Most specific first. */
export function sourcesOf(pod: Pod, { config, namespace, sources }: InjectionContext): readonly Source[] {
  const readsEks = config['compatibility.eks']
  const own: Source = { kind: 'pod', where: '', annotations: pod.metadata.annotations ?? {}, readsEks }
  if (sources === undefined) return [own]
  const { serviceAccount } = sources
  return [
    own,
    {
      kind: 'serviceAccount',
      where: `ServiceAccount ${serviceAccount.name}: `,
      annotations: serviceAccount.annotations,
      readsEks,
    },
    { kind: 'namespace', where: `Namespace ${namespace}: `, annotations: sources.namespace, readsEks: false },
  ]
}

/** The ServiceAccount of a pod, by the field's older name too; `default` where it names none, as the API server does. */
export function serviceAccountOf(raw: unknown): string {
  const spec = fieldOf(raw, 'spec')
  const names = [fieldOf(spec, 'serviceAccountName'), fieldOf(spec, 'serviceAccount')]
  return names.find((name): name is string => typeof name === 'string' && name !== '') ?? 'default'
}

const fieldOf = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined

export const textIn = (annotations: Annotations, name: string): string | undefined =>
  Object.hasOwn(annotations, name) ? annotations[name] : undefined

/** What EKS's own are in our grammar. */
const EKS_ALIASES: Readonly<Partial<Record<PodKey, readonly [name: string, inOurs: (text: string) => string]>>> = {
  roleArn: ['role-arn', (text) => text],
  audience: ['audience', (text) => text],
  // In seconds, without a unit.
  tokenExpiration: ['token-expiration', (text) => `${text.trim()}s`],
}

/** Those that EKS reads on pods as well. */
const ON_PODS: readonly PodKey[] = ['tokenExpiration']

export function saidIn({ kind, annotations, readsEks }: Source, key: PodKey): Said | undefined {
  const own = textIn(annotations, annotationOf(key))
  if (own !== undefined) return { text: own, annotation: annotationOf(key) }
  const alias = readsEks && (kind !== 'pod' || ON_PODS.includes(key)) ? EKS_ALIASES[key] : undefined
  if (alias === undefined) return undefined
  const [name, inOurs] = alias
  const text = textIn(annotations, EKS_PREFIX + name)
  return text === undefined ? undefined : { text: inOurs(text), annotation: EKS_PREFIX + name }
}

/** The containers that a pod has taken out by EKS's annotation, where it is read; blanks around names do not matter. */
export function skippedByEks(pod: Pod, { config }: InjectionContext): readonly string[] {
  const text = textIn(pod.metadata.annotations ?? {}, `${EKS_PREFIX}skip-containers`)
  if (text === undefined || !config['compatibility.eks']) return []
  return text.split(',').map((name) => name.trim())
}
