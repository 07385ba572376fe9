/** Lanyard without its webhook: the policies by its chart, and what the webhook would have made of the same pods. */
import { failOn } from '../../../src/errors/index.ts'
import { admit, type InjectionContext } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import { VERSION } from '../../../src/version.ts'
import { applied } from '../../support/admitting.ts'
import type { Json } from '../../support/gen.ts'
import { objectAt } from '../../support/tree.ts'
import { apply, type KubeObject, waitFor } from './kubectl.ts'
import { install, valuesFor } from './lanyard.ts'
import { apiServer, post } from './load.ts'
import { told } from './settings.ts'
import { authority } from './sts.ts'
import { sidecarOf, tinyPod } from './workloads.ts'

/** The label of namespaces that the policies are for. */
export const LABEL = { 'e2e.lanyard.dev/policy': 'yes' } as const

type Values = Readonly<Record<string, unknown>>

/** The chart's values, as the suite's own; only labelled namespaces are looked at. */
export async function policyValues(more: Values = {}): Promise<Values> {
  const own = {
    injector: 'policy',
    stsCa: { configMap: '', pem: await authority() },
    webhook: { namespaceSelector: { matchLabels: LABEL } },
  }
  return { ...own, ...more }
}

/** Installed, and known to the API server: `where` has the label. */
export async function installPolicy(where: string, more: Values = {}): Promise<void> {
  const { code, stderr } = await install({ values: await policyValues(more) })
  if (code !== 0) throw new Error(`helm upgrade --install failed:\n${stderr}`)
  await untilInForce(where)
}

/** The API server takes a moment to learn of a policy. */
const untilInForce = (where: string): Promise<true> =>
  waitFor('the policies are in force', async () => {
    const { pod, refusal } = await judge(tinyPod(where) as Json)
    if (refusal !== '') throw new Error(refusal)
    return pod !== undefined && sidecarOf(pod) !== undefined ? true : undefined
  })

/** What the webhook would be told, with the same values. */
export async function webhookContext(namespace: string): Promise<InjectionContext> {
  const { image, config, stsCa } = valuesFor(told().images.product, await policyValues()) as Record<string, Json>
  const sidecar = { image: `${image?.['repository']}:${image?.['tag']}` }
  const { values, problems } = readConfig('webhook', { file: { ...config, sidecar } })
  failOn(problems)
  return { namespace, config: values, stsCa: String(stsCa?.['pem']), version: VERSION }
}

export type Judged = { readonly pod?: KubeObject; readonly refusal: string }

const server = apiServer()

/** What the API server makes of a pod, which is not kept. */
export async function judge(pod: Json): Promise<Judged> {
  const path = `/api/v1/namespaces/${String(objectAt(pod, 'metadata')['namespace'])}/pods?dryRun=All`
  const { status, object } = await post(await server, path, JSON.stringify(pod))
  return status === 201 ? { pod: object, refusal: '' } : { refusal: String(object['message']) }
}

/** The pod as the webhook would have made it, judged as well; undefined where it would not inject. */
export async function judgeAfterWebhook(pod: Json, context: InjectionContext): Promise<Judged | undefined> {
  const outcome = admit(pod, context)
  return outcome.kind === 'inject' ? judge(applied(pod, outcome.patch)) : undefined
}

/** What counts of a pod: what its author and Lanyard have said. */
export const essence = ({ metadata, spec }: KubeObject): unknown => ({ annotations: metadata.annotations, spec })

type OtherPolicy = { readonly expression: string; readonly reinvocationPolicy: 'Never' | 'IfNeeded' }

/** A policy of somebody else, which changes pods of `where` as well. */
export async function applyOtherPolicy(name: string, where: string, other: OtherPolicy): Promise<void> {
  const { expression, reinvocationPolicy } = other
  const kind = 'MutatingAdmissionPolicy'
  const apiVersion = 'admissionregistration.k8s.io/v1'
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }
  const matchConstraints = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': where } },
    resourceRules: [rule],
  }
  const mutations = [{ patchType: 'JSONPatch', jsonPatch: { expression } }]
  await apply([
    {
      apiVersion,
      kind,
      metadata: { name },
      spec: { failurePolicy: 'Fail', reinvocationPolicy, matchConstraints, mutations },
    },
    { apiVersion, kind: `${kind}Binding`, metadata: { name }, spec: { policyName: name } },
  ])
}
