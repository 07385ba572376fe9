import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply, get, type KubeObject, kubectl, tryKubectl } from './support/kubectl.ts'
import { CONFIGURATION, ensureInstalled, webhookConfiguration } from './support/lanyard.ts'
import { NAMESPACE } from './support/settings.ts'
import { type As, asServiceAccount } from './support/token.ts'

const ACCOUNT = 'lanyard-webhook'
const OTHER = 'somebody-elses'
let webhook: As

beforeAll(async () => {
  await ensureInstalled()
  webhook = await asServiceAccount(ACCOUNT, NAMESPACE)
  const [entry] = (await webhookConfiguration())['webhooks']
  await apply([
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: OTHER },
      webhooks: [
        {
          ...entry,
          name: 'somebody.else.example',
          failurePolicy: 'Ignore',
          namespaceSelector: { matchLabels: { nobody: 'has' } },
        },
      ],
    },
  ])
})
afterAll(() => tryKubectl(['delete', 'mutatingwebhookconfiguration', OTHER]))

test('the ServiceAccount may do exactly this, beyond what every account may', async () => {
  const nobody = await asServiceAccount('default', 'default')
  const lists = await Promise.all(
    [NAMESPACE, 'default'].map(async (where) => {
      const everybodys = new Set(await rightsOf(nobody, where))
      const own = (await rightsOf(webhook, where)).filter((right) => !everybodys.has(right))
      return [`# in ${where === NAMESPACE ? 'its own namespace' : 'any other'}`, ...own.sort(), ''].join('\n')
    }),
  )
  await expect(lists.join('\n')).toMatchFileSnapshot('expected/rights.txt')
})

async function rightsOf(account: As, where: string): Promise<readonly string[]> {
  const { stdout } = await account(['auth', 'can-i', '--list', '--no-headers', '-n', where])
  const lines = stdout.trim().split('\n')
  return lines.map((line) => line.replaceAll(/\s{2,}/g, '  ').trim())
}

type Patch = readonly { readonly op: string; readonly path: string; readonly value?: unknown }[]

const patch = (name: string, operations: Patch) =>
  webhook(['patch', 'mutatingwebhookconfiguration', name, '--type=json', '-p', JSON.stringify(operations)])

describe('with the webhook’s own token', () => {
  const first = '/webhooks/0'
  test.each<[string, Patch]>([
    [
      'its rules',
      [
        {
          op: 'add',
          path: `${first}/rules/-`,
          value: { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] },
        },
      ],
    ],
    ['the scope of a rule', [{ op: 'replace', path: `${first}/rules/0/resources`, value: ['*/*'] }]],
    [
      'its URL',
      [
        { op: 'remove', path: `${first}/clientConfig/service` },
        { op: 'add', path: `${first}/clientConfig/url`, value: 'https://example.com/' },
      ],
    ],
    ['its Service', [{ op: 'replace', path: `${first}/clientConfig/service/namespace`, value: 'default' }]],
    ['its path', [{ op: 'replace', path: `${first}/clientConfig/service/path`, value: '/other' }]],
    ['its namespaces', [{ op: 'add', path: `${first}/namespaceSelector`, value: {} }]],
    ['its objects', [{ op: 'add', path: `${first}/objectSelector`, value: { matchLabels: { a: 'b' } } }]],
    ['its conditions', [{ op: 'remove', path: `${first}/matchConditions` }]],
    ['its failure policy', [{ op: 'replace', path: `${first}/failurePolicy`, value: 'Ignore' }]],
    ['its timeout', [{ op: 'replace', path: `${first}/timeoutSeconds`, value: 30 }]],
    ['its reinvocation', [{ op: 'replace', path: `${first}/reinvocationPolicy`, value: 'Never' }]],
    ['its name', [{ op: 'replace', path: `${first}/name`, value: 'other.lanyard.dev' }]],
    ['the number of its entries', [{ op: 'remove', path: '/webhooks/1' }]],
    ['its labels', [{ op: 'add', path: '/metadata/labels/x', value: 'y' }]],
    ['its annotations', [{ op: 'add', path: '/metadata/annotations', value: { x: 'y' } }]],
    ['its finalizers', [{ op: 'add', path: '/metadata/finalizers', value: ['example.com/stay'] }]],
    [
      'its owners',
      [
        {
          op: 'add',
          path: '/metadata/ownerReferences',
          value: [{ apiVersion: 'v1', kind: 'Namespace', name: 'x', uid: 'y' }],
        },
      ],
    ],
  ])('changing %s is refused', async (_, operations) => {
    const before = (await webhookConfiguration()).metadata.generation
    const { code, stderr } = await patch(CONFIGURATION, operations)
    expect(code).toBe(1)
    expect(stderr).toMatch(/ValidatingAdmissionPolicy 'lanyard-webhook-configuration'/)
    expect((await webhookConfiguration()).metadata.generation).toBe(before)
  })

  test('changing a caBundle is not', async () => {
    const [entry] = (await webhookConfiguration())['webhooks']
    const { code, stderr } = await patch(CONFIGURATION, [
      { op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: entry.clientConfig.caBundle },
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test.each([
    ['reading another webhook configuration', ['get', 'mutatingwebhookconfiguration', OTHER]],
    ['changing another webhook configuration', ['annotate', 'mutatingwebhookconfiguration', OTHER, 'x=y']],
    ['deleting its own', ['delete', 'mutatingwebhookconfiguration', CONFIGURATION]],
    ['reading another Secret', ['get', 'secret', 'another', '-n', NAMESPACE]],
    ['listing Secrets', ['get', 'secrets', '-n', NAMESPACE]],
    ['creating a Secret', ['create', 'secret', 'generic', 'another', '-n', NAMESPACE]],
    ['reading pods', ['get', 'pods', '-n', NAMESPACE]],
    ['making tokens', ['create', 'token', 'default', '-n', 'default']],
  ])('%s is forbidden', async (_, args) => {
    const { code, stderr } = await webhook(args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/forbidden/i)
  })
})

test('everything that runs was made with exactly these rights', async () => {
  const deployment: KubeObject = await get('deployment', 'lanyard-webhook', NAMESPACE)
  expect(deployment['spec'].template.spec.serviceAccountName).toBe(ACCOUNT)
  const bindings = await kubectl(['get', 'clusterrolebindings,rolebindings', '-A', '-o', 'json'])
  const own = JSON.parse(bindings).items.filter((binding: KubeObject) =>
    binding['subjects']?.some(
      (subject: { name: string; namespace?: string }) => subject.name === ACCOUNT && subject.namespace === NAMESPACE,
    ),
  )
  expect(
    own.map((binding: KubeObject) => `${binding.kind} ${binding['roleRef'].kind} ${binding['roleRef'].name}`).sort(),
  ).toEqual(['ClusterRoleBinding ClusterRole lanyard-webhook', 'RoleBinding Role lanyard-webhook'])
})
