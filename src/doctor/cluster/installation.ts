import { Failure } from '../../errors/index.ts'
import type { ClusterPort, Installation, Place } from '../ground.ts'
import { itemsAt, type JsonObject, nameOf, textAt } from './objects.ts'
import { mutatingPoliciesPlace, webhookConfigurationsPlace } from './places.ts'

/** The entry of the webhook configuration that the chart always makes; others depend on its values. */
export const FIRST_ENTRY = 'pods.lanyard.dev'

/**
 * Found by what the API server does, not by a name: releases may be called otherwise. Of several the one in
 * `systemNamespace`. Undefined where there is none.
 */
export async function findInstallation(
  cluster: ClusterPort,
  systemNamespace: string,
): Promise<Installation | undefined> {
  const found = (await cluster.list(webhookConfigurationsPlace)).flatMap(webhookOf)
  const webhook = found.find(({ namespace }) => namespace === systemNamespace) ?? found[0]
  if (webhook !== undefined) return webhook
  const [policy] = (await listKnown(cluster, mutatingPoliciesPlace)).filter((each) =>
    nameOf(each).endsWith('-injection'),
  )
  return policy && { injector: 'policy', namespace: systemNamespace, name: nameOf(policy), object: policy }
}

function webhookOf(object: JsonObject): readonly Installation[] {
  const entry = entriesOf(object).find((each) => textAt(each, 'name') === FIRST_ENTRY)
  const [namespace, name] = ['namespace', 'name'].map((key) => textAt(entry, 'clientConfig', 'service', key))
  return namespace === undefined || name === undefined ? [] : [{ injector: 'webhook', namespace, name, object }]
}

/** The entries of a webhook configuration. */
export const entriesOf = (object: JsonObject): readonly JsonObject[] => itemsAt(object, 'webhooks')

/** None of a kind that the API server does not have. */
export async function listKnown(cluster: ClusterPort, place: Place): Promise<readonly JsonObject[]> {
  try {
    return await cluster.list(place)
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'ClusterObjectMissing') return []
    throw thrown
  }
}
