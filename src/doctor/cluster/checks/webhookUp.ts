import type { Code } from '../../../errors/index.ts'
import { asCommand } from '../../../terminal/shell.ts'
import type { Ground, Installation } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { itemsAt, type JsonObject, numberAt, textsAt } from '../objects.ts'
import { endpointSlicesPlace, podsPlace, workloadPlace } from '../places.ts'
import { whyNotMade, whyNotReady } from '../webhookPods.ts'

/** Whether anybody answers the API server. */
export const webhookUp: Check<Ground> = {
  id: 'webhook-up',
  title: 'the webhook is up',
  needs: ['api-server'],
  unless: ['installed'],
  look: async (ground) => {
    const found = await ground.installation()
    if (found?.injector !== 'webhook')
      return [{ verdict: 'ok', message: 'there is none: the API server injects by itself' }]
    const place = workloadPlace('deployment', found.namespace, found.name)
    const deployment = await ground.cluster.get(place)
    if (deployment === undefined) return [down(found, `there is no Deployment ${found.name}`, RESTORE)]
    const [ready, wanted] = [numberAt(deployment, 'status', 'readyReplicas') ?? 0, wantedOf(deployment)]
    if (wanted === 0) return [down(found, 'it is scaled to 0 replicas', scale(found))]
    if (ready === 0) return await explainDown(ground, found, deployment)
    return [
      ...(await serviceFindings(ground, found)),
      ...(ready < wanted ? [{ ...(await causeOf(ground, found, deployment)), verdict: 'warn' as const }] : []),
      { verdict: 'ok', message: `${ready} of ${wanted} replicas are ready` },
    ]
  },
}

const RESTORE = 'Run helm upgrade, which makes it again.'
const scale = ({ namespace, name }: Installation): string =>
  asCommand(`kubectl -n ${namespace} scale deployment/${name} --replicas=2`)
const wantedOf = (deployment: JsonObject): number => numberAt(deployment, 'spec', 'replicas') ?? 1

const down = ({ namespace, name }: Installation, message: string, fix?: string): Finding => ({
  verdict: 'fail',
  code: 'WebhookDown',
  subject: `deployment/${name} -n ${namespace}`,
  message,
  ...(fix !== undefined && { fix }),
})

async function explainDown(ground: Ground, found: Installation, deployment: JsonObject): Promise<readonly Finding[]> {
  const cause = await causeOf(ground, found, deployment)
  return cause.code === 'WebhookDown' ? [cause] : [cause, down(found, 'so none of its replicas is ready', undefined)]
}

/** Why replicas are missing or not ready: the first pod that says it, else the refusal of its ReplicaSet. */
async function causeOf(ground: Ground, found: Installation, deployment: JsonObject): Promise<Finding> {
  const { cluster } = ground
  const pods = await cluster.list(podsPlace(found.namespace, selectorOf(deployment)))
  const cause = (await whyNotReady(pods, cluster)) ?? (await whyNotMade(found, pods, ground))
  const subject = `deployment/${found.name} -n ${found.namespace}`
  return cause === undefined ? unexplained(found, pods.length) : { subject, ...cause }
}

function unexplained(found: Installation, count: number): Finding {
  const { namespace, name } = found
  const describing = `Look at what its controller waits for: ${asCommand(`kubectl -n ${namespace} describe deployment/${name}`)}.`
  if (count === 0) return down(found, 'none of its pods is there, and no event says why', describing)
  return down(found, count === 1 ? 'its only pod is not ready' : `of its ${count} pods not all are ready`)
}

const selectorOf = (deployment: JsonObject): string =>
  Object.entries(textsAt(deployment, 'spec', 'selector', 'matchLabels'))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')

/** Whether the Service leads to those that are ready. */
async function serviceFindings({ cluster }: Ground, found: Installation): Promise<readonly Finding[]> {
  const slices = await cluster.list(endpointSlicesPlace(found.namespace, found.name))
  const ready = slices.flatMap((slice) => itemsAt(slice, 'endpoints')).some(isReady)
  const code: Code = 'WebhookDown'
  const subject = `service/${found.name} -n ${found.namespace}`
  const message = 'no ready pod is behind the Service, although the Deployment has some'
  const fix = 'Run helm upgrade: it restores the Service and its selector.'
  return ready ? [] : [{ verdict: 'fail', code, subject, message, fix }]
}

/** Absent is as good as true (EndpointConditions). */
const isReady = (endpoint: JsonObject): boolean => {
  const conditions = endpoint['conditions']
  return typeof conditions !== 'object' || conditions === null || Reflect.get(conditions, 'ready') !== false
}
