import type { Ground, Installation } from '../ground.ts'
import type { Finding } from '../types.ts'
import { dryRun } from './dryRun.ts'
import { namespacePlace } from './places.ts'
import { ENTRIES, isReached } from './reach.ts'
import { explainRefusal } from './refusals.ts'
import { quoted } from './words.ts'

/** A pod that asks for nothing but an answer: no role, no image that there is. */
const PROBE = {
  metadata: { generateName: 'lanyard-doctor-', annotations: { 'lanyard.dev/inject': 'true' } },
  spec: { containers: [{ name: 'probe', image: 'probe.invalid/probe:1' }] },
}

/**
 * Lets the API server ask the webhook about a pod of which nothing is kept: any answer of ours is the proof that it reaches
 * and trusts it. Mutating webhooks come before quotas and policies, so that nothing else is in the way.
 */
export async function probe(ground: Ground, found: Installation): Promise<readonly Finding[]> {
  if (!ground.isDryRunAllowed)
    return [{ verdict: 'skip', message: 'no dry run is to be made, which is the only proof' }]
  const namespace = ground.target.namespace ?? (await ground.focus())?.namespace ?? 'default'
  const object = await ground.cluster.get(namespacePlace(namespace))
  if (object === undefined || !isReached(found, ENTRIES.own, object))
    return [{ verdict: 'skip', message: `the webhook is not asked about pods of namespace ${namespace}` }]
  const result = await dryRun(ground.cluster, namespace, PROBE)
  if (result.kind === 'forbidden')
    return [{ verdict: 'skip', message: 'you may not create pods, which a dry run needs' }]
  if (result.kind === 'made') return [proven]
  const findings = explainRefusal(result.words, { subject: found.name, namespace, webhook: found })
  if (findings.some(({ code = '' }) => CALL_CODES.includes(code))) return findings
  return /failed calling webhook/.test(result.words)
    ? [{ verdict: 'skip', message: `another webhook is in the way: ${quoted(result.words)}` }]
    : [proven]
}

/** Whatever else it was refused for came after the webhook's answer, or is it. */
const CALL_CODES: readonly string[] = ['WebhookAuthorityWrong', 'WebhookDown', 'WebhookUnreachable']
const proven: Finding = { verdict: 'ok', message: 'a dry run of a pod was answered by it' }
