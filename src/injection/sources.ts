import { EKS_PREFIX, type PodKey } from '../settings/index.ts'
import { annotationOf, keysByAnnotation } from './names.ts'
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
  tokenExpiration: ['token-expiration', (text) => `${eksExpiration(text) ?? ''}s`],
}

const keysByAlias = new Map(
  Object.entries(EKS_ALIASES).map(([key, [name]]) => [EKS_PREFIX + name, key as PodKey] as const),
)

/** The keys that a source may say something for: of the many there are it has few. */
export const keysIn = ({ annotations }: Source): readonly PodKey[] =>
  Object.keys(annotations).flatMap((name) => keysByAnnotation.get(name) ?? keysByAlias.get(name) ?? [])

/** EKS's range in seconds, into which it moves what is outside. */
const EKS_EXPIRATION = [600, 86_400] as const

/** What EKS makes of a token expiration: whole seconds within its range; undefined for what is no number. */
export function eksExpiration(text: string | undefined): number | undefined {
  if (!/^\d{1,12}$/.test(text?.trim() ?? '')) return undefined
  return Math.min(EKS_EXPIRATION[1], Math.max(EKS_EXPIRATION[0], Number(text)))
}

/** A truth value as EKS's webhook reads it; undefined for anything else. */
export function saysEksTrue(text: string | undefined): boolean | undefined {
  if (/^(1|t|true)$/i.test(text ?? '')) return true
  return /^(0|f|false)$/i.test(text ?? '') ? false : undefined
}

/** Those that EKS reads on pods as well. */
const ON_PODS: readonly PodKey[] = ['tokenExpiration']

/** Whether the source says it in Lanyard's own words. */
export const saysItself = ({ annotations }: Source, key: PodKey): boolean =>
  textIn(annotations, annotationOf(key)) !== undefined

export function saidIn({ kind, annotations, readsEks }: Source, key: PodKey): Said | undefined {
  const own = textIn(annotations, annotationOf(key))
  if (own !== undefined) return { text: own, annotation: annotationOf(key) }
  const alias = readsEks && (kind !== 'pod' || ON_PODS.includes(key)) ? EKS_ALIASES[key] : undefined
  if (alias === undefined) return undefined
  const [name, inOurs] = alias
  const text = textIn(annotations, EKS_PREFIX + name)
  // Empty is absent: charts write so what has no value. So is an expiration that is no number, which EKS ignores.
  const ours = text?.trim() ? inOurs(text) : 's'
  return ours === 's' ? undefined : { text: ours, annotation: EKS_PREFIX + name }
}

/** The containers that a pod has taken out by EKS's annotation, where it is read: a line of CSV in which blanks do not matter. */
export function skippedByEks(pod: Pod, { config }: InjectionContext): ReadonlySet<string> {
  const text = textIn(pod.metadata.annotations ?? {}, `${EKS_PREFIX}skip-containers`)
  if (text === undefined || !config['compatibility.eks']) return new Set()
  const names = text.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  return new Set(names.filter((name) => name !== ''))
}
