import type { Deployed, Ground, Installation } from '../../ground.ts'
import type { Check, Finding } from '../../types.ts'
import { forAll } from '../memo.ts'
import { isObject, nameOf, textAt, valueAt } from '../objects.ts'
import { podsPlace, rightPlace, workloadPlace } from '../places.ts'
import { lastProblem, rightsMissing } from '../webhookPods.ts'

type Right = {
  readonly verb: string
  readonly group?: string
  readonly resource: string
  readonly name?: string
  readonly namespace?: string
}

/** What the chart's Role and ClusterRole give, by the settings. */
function neededBy({ config }: Deployed, { namespace, object }: Installation): readonly Right[] {
  const own = ['get', 'list', 'watch', 'patch'].flatMap((verb): readonly Right[] => [
    { verb, resource: 'secrets', name: config['tls.caSecret'], namespace },
    { verb, group: 'admissionregistration.k8s.io', resource: 'mutatingwebhookconfigurations', name: nameOf(object) },
  ])
  const read = ['get', 'list', 'watch'].flatMap((verb): readonly Right[] => [
    { verb, resource: 'serviceaccounts' },
    { verb, resource: 'namespaces' },
  ])
  return [...(config['tls.certFile'] === undefined ? own : []), ...(config['sources.enabled'] ? read : [])]
}

const FEW = 4

/** Whether the webhook may do what it has to: as the API server decides it, else as its log says. */
export const webhookRights: Check<Ground> = {
  id: 'webhook-rights',
  title: 'the webhook may do what it has to',
  needs: ['api-server'],
  unless: ['installed'],
  look: async (ground) => {
    const [found, deployed] = [await ground.installation(), await ground.configuration()]
    if (found === undefined || deployed === undefined)
      return [{ verdict: 'ok', message: 'without a webhook none are needed' }]
    const user = await accountOf(ground, found)
    const answers = await forAll(neededBy(deployed, found), FEW, async (right) => ({
      right,
      isAllowed: await isAllowed(right, user, ground),
    }))
    if (answers.some(({ isAllowed }) => isAllowed === undefined)) return await byLog(ground, found)
    const lacking = answers.filter(({ isAllowed }) => isAllowed === false).map(({ right }) => right)
    return lacking.length === 0 ? [] : [missing(user, lacking)]
  },
}

async function accountOf({ cluster }: Ground, { namespace, name }: Installation): Promise<string> {
  const deployment = await cluster.get(workloadPlace('deployment', namespace, name))
  const account = textAt(deployment, 'spec', 'template', 'spec', 'serviceAccountName') ?? name
  return `system:serviceaccount:${namespace}:${account}`
}

/** Undefined where the caller may not ask. */
async function isAllowed({ verb, group = '', resource, name, namespace }: Right, user: string, { cluster }: Ground) {
  const resourceAttributes = { verb, group, resource, ...(name && { name }), ...(namespace && { namespace }) }
  const [, , where = ''] = user.split(':')
  const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${where}`]
  const { status, value } = await cluster.create(rightPlace, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, groups, resourceAttributes },
  })
  const answer = valueAt(value, ['status'])
  return status === 201 && isObject(answer) ? answer['allowed'] === true : undefined
}

function missing(user: string, lacking: readonly Right[]): Finding {
  const what = new Map<string, string[]>()
  for (const { verb, group, resource, name } of lacking) {
    const key = `${resource}${group === undefined ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`
    what.set(key, [...(what.get(key) ?? []), verb])
  }
  const message = [...what].map(([key, verbs]) => `${verbs.join(', ')} of ${key}`).join('; ')
  return { verdict: 'fail', code: 'WebhookRightsMissing', subject: user, message: `it may not: ${message}` }
}

/** What the replicas were refused last, where nobody else may be asked. */
async function byLog({ cluster }: Ground, { namespace }: Installation): Promise<readonly Finding[]> {
  const pods = await cluster.list(podsPlace(namespace, 'app.kubernetes.io/component=webhook'))
  const problems = await Promise.all(pods.map((pod) => lastProblem(cluster, namespace, nameOf(pod))))
  const refused = problems.find((problem) => problem?.code === 'ClusterForbidden')
  if (refused !== undefined) return [rightsMissing(refused.message)]
  return [
    {
      verdict: 'skip',
      message: 'you may not ask for the rights of others (create subjectaccessreviews); its log tells of no refusal',
    },
  ]
}
