import { Failure } from '../../errors/index.ts'
import { nearest } from '../../settings/index.ts'
import type { Target, TargetKind } from '../ground.ts'
import { isName } from './places.ts'

/** As kubectl calls them: the kind, its plural, its short name. */
const NAMES: Readonly<Record<Exclude<TargetKind, 'installation'>, readonly string[]>> = {
  pod: ['pod', 'pods', 'po'],
  deployment: ['deployment', 'deployments', 'deploy'],
  statefulset: ['statefulset', 'statefulsets', 'sts'],
  daemonset: ['daemonset', 'daemonsets', 'ds'],
  replicaset: ['replicaset', 'replicasets', 'rs'],
  job: ['job', 'jobs'],
  cronjob: ['cronjob', 'cronjobs', 'cj'],
  serviceaccount: ['serviceaccount', 'serviceaccounts', 'sa'],
  namespace: ['namespace', 'namespaces', 'ns'],
}
const KINDS = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) => names.map((name) => [name, kind as keyof typeof NAMES] as const)),
)

/** `deployment.apps/web` is how kubectl prints it. */
const kindOf = (spelt: string): keyof typeof NAMES | undefined =>
  KINDS.get(spelt.toLowerCase().replace(/\.(apps|batch)$/, ''))

/** `KIND NAME` is the other way in which kubectl takes it. Throws Failure SettingInvalid. */
export function targetTextOf([first, second, ...others]: readonly string[]): string | undefined {
  if (first === undefined || second === undefined) return first
  if (others.length > 0 || first.includes('/') || kindOf(first) === undefined)
    throw invalid('TARGET', first, `one at a time: ${quoted([first, second, ...others].join(' '))} are several`)
  return `${first}/${second}`
}

/**
 * What is named: `KIND/NAME`, as kubectl spells kinds, or the name of a pod alone; nothing for the installation. `namespace`
 * is what was said by a flag, `usual` that of the kubeconfig's context. Throws Failure SettingInvalid.
 */
export function readTarget(text: string | undefined, namespace: string | undefined, usual = 'default'): Target {
  if (namespace !== undefined && !isName(namespace))
    throw invalid('--namespace', namespace, 'it is no name of a namespace')
  if (text === undefined) return { kind: 'installation', name: '', namespace }
  const { kind, name } = readName(text)
  if (kind !== 'namespace' && !isName(usual)) throw invalid('KUBECONFIG', usual, 'its context has no such namespace')
  if (kind !== 'namespace') return { kind, name, namespace: namespace ?? usual }
  if (namespace !== undefined && namespace !== name)
    throw invalid('--namespace', namespace, `the target is another namespace, ${name}`)
  return { kind, name, namespace: name }
}

function readName(text: string): { readonly kind: keyof typeof NAMES; readonly name: string } {
  const slash = text.indexOf('/')
  if (slash < 0 && kindOf(text) !== undefined)
    throw invalid('TARGET', text, `${quoted(text)} is a kind, without a name (a pod that is called so is pod/${text})`)
  const [spelt, name] = slash < 0 ? ['pod', text] : [text.slice(0, slash), text.slice(slash + 1)]
  const kind = kindOf(spelt)
  if (kind === undefined)
    throw invalid('TARGET', text, `there is no kind ${quoted(spelt)}${nearest(spelt, KINDS.keys())}`)
  if (!isName(name)) throw invalid('TARGET', text, `${quoted(name)} is no name`)
  return { kind, name }
}

const ACCEPTED = `Write it like pod/web or sa/web; the kinds are ${Object.keys(NAMES).join(', ')}`

const quoted = (text: string): string => JSON.stringify(text.slice(0, 60))

const invalid = (field: string, text: string, message: string): Failure =>
  new Failure({
    code: 'SettingInvalid',
    field,
    message: field === 'TARGET' ? message : `${quoted(text)}: ${message}`,
    fix: field === 'TARGET' ? ACCEPTED : 'Write it like shop',
  })

/** How messages name an object of that kind: with its namespace where the target does not say it. */
export const titleOf = (target: Target, kind: string, namespace: string, name: string): string =>
  `${kind}/${name}${target.namespace === undefined ? ` -n ${namespace}` : ''}`
