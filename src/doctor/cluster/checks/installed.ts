import { Failure } from '../../../errors/index.ts'
import type { Ground, Installation } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { entriesOf, listKnown } from '../installation.ts'
import { nameOf, textAt } from '../objects.ts'
import { validatingPoliciesPlace } from '../places.ts'
import { ENTRIES } from '../reach.ts'

/** Whether the API server knows of Lanyard. */
export const installed: Check<Ground> = {
  id: 'installed',
  title: 'Lanyard is installed',
  needs: ['api-server'],
  look: async ({ installation }) => {
    const found = await installation()
    if (found === undefined) return [missing]
    const { injector, name, namespace } = found
    const what =
      injector === 'webhook' ? `the webhook ${name} in namespace ${namespace}` : `the policy ${name}, no webhook`
    return [{ verdict: 'ok', message: what }]
  },
}

const missing: Finding = {
  verdict: 'fail',
  code: 'WebhookMissing',
  message: 'no MutatingWebhookConfiguration has an entry pods.lanyard.dev, and no MutatingAdmissionPolicy is Lanyard’s',
  fix: 'Install Lanyard (helm install lanyard …), or run helm upgrade if it was installed: it makes the object again.',
}

/** Whether what it decides by can be read, and whether all is there that follows from it. */
export const configured: Check<Ground> = {
  id: 'configuration',
  title: "the webhook's configuration can be read, and its objects are all there",
  needs: ['api-server'],
  unless: ['installed'],
  look: async (ground) => {
    const found = await ground.installation()
    const deployed = await ground.configuration()
    if (found === undefined || deployed === undefined)
      return [{ verdict: 'ok', message: 'the policy has its settings in itself' }]
    const { config, version } = deployed
    return [
      ...(config['permission.mode'] === 'required' ? await guardFindings(ground) : []),
      ...(config['sources.enabled'] ? entryFindings(found, ENTRIES.defaults) : []),
      ...(config['compatibility.eks'] ? entryFindings(found, ENTRIES.eks) : []),
      { verdict: 'ok', message: `Lanyard ${version}${version === ground.version ? '' : other(ground.version)}` },
    ]
  },
}

const other = (version: string): string => `; this doctor is ${version}, and may decide otherwise`

function entryFindings({ name, object }: Installation, entry: string): readonly Finding[] {
  if (entriesOf(object).some((each) => textAt(each, 'name') === entry)) return []
  const message = `MutatingWebhookConfiguration ${name} has no entry ${entry}, which the configuration asks for`
  return [{ verdict: 'fail', code: 'WebhookMissing', subject: entry, message }]
}

const GUARDS = ['pods', 'tokens', 'updates', 'debugging', 'sessions'] as const

/** The guard can be turned off, by which the permission of roles is but advice: that is worth a word. */
async function guardFindings({ cluster }: Ground): Promise<readonly Finding[]> {
  const names = await listKnown(cluster, validatingPoliciesPlace).then(
    (policies) => policies.map(nameOf),
    (thrown: unknown) => {
      if (thrown instanceof Failure && thrown.code === 'ClusterForbidden') return undefined
      throw thrown
    },
  )
  if (names === undefined) return []
  const lacking = GUARDS.filter((guard) => !names.some((name) => name.endsWith(`-guard-${guard}`)))
  if (lacking.length === 0) return []
  const message = `permission.mode is required, and there is no ValidatingAdmissionPolicy …-guard-${lacking.join(', …-guard-')}: pods can get round their sidecar`
  const fix = 'Run helm upgrade, with guard.enabled: true.'
  return [{ verdict: 'warn', code: 'GuardMissing', message, fix }]
}
