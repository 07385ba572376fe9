import { describe, expect, test } from 'vitest'
import { NAMESPACE, only, type Rendered, render } from './helm.ts'
import { setOf, sets, type ValueSet } from './sets.ts'

type Container = {
  readonly name: string
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly resources: {
    readonly requests?: object
    readonly limits?: { readonly memory?: string; readonly cpu?: string }
  }
}
type PodSpec = {
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly automountServiceAccountToken: boolean
  readonly enableServiceLinks: boolean
  readonly securityContext: object
  readonly containers: readonly Container[]
  readonly volumes?: readonly Readonly<Record<string, unknown>>[]
}
type Entry = {
  readonly name: string
  readonly clientConfig: { readonly caBundle?: string }
  readonly namespaceSelector: unknown
}

const podsOf = (objects: readonly Rendered[]): readonly PodSpec[] =>
  objects.flatMap(({ kind, spec }) => {
    if (kind === 'Deployment') return [(spec as { template: { spec: PodSpec } }).template.spec]
    return kind === 'Pod' ? [spec as PodSpec] : []
  })
const entriesOf = (objects: readonly Rendered[]): readonly Entry[] =>
  only(objects, 'MutatingWebhookConfiguration')['webhooks'] as readonly Entry[]
type Values = {
  readonly tls?: { readonly mode?: string }
  readonly config?: { readonly sources?: { readonly enabled?: boolean } }
}
const isBuiltIn = ({ values }: ValueSet): boolean => (values as Values).tls?.mode === undefined
const readsSources = ({ values }: ValueSet): boolean => (values as Values).config?.sources?.enabled !== false
const builtIn = sets.filter(isBuiltIn)
const others = sets.filter((set) => !isBuiltIn(set))
const sourcesRule = { apiGroups: [''], resources: ['namespaces', 'serviceaccounts'], verbs: ['get', 'list', 'watch'] }
const namesOf = (objects: readonly Rendered[], kinds: RegExp): readonly string[] =>
  objects.filter(({ kind }) => kinds.test(kind)).map(({ kind, metadata }) => `${kind}/${metadata.name}`)

describe.each(sets)('with the values $name', (set) => {
  const { name, text } = set
  test('every pod is one of Pod Security Standard "restricted"', async () => {
    const pods = podsOf(await render(text))
    expect(pods).toHaveLength(2)
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({
        runAsUser: 29797,
        runAsGroup: 29797,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(Object.keys(resources.requests ?? {})).toEqual(['cpu', 'memory'])
        expect(resources.limits?.memory).toBeDefined()
      }
      expect([pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined])
      expect(pod.enableServiceLinks).toBe(false)
      for (const { name: volume, ...source } of pod.volumes ?? [])
        expect(['configMap', 'projected'], String(volume)).toContain(Object.keys(source)[0])
    }
    expect(pods.some(({ hostNetwork }) => hostNetwork)).toBe(name === 'host-network')
  })

  test('the webhook has a token where it needs one, and no other pod has', async () => {
    const [webhook, tester] = podsOf(await render(text))
    expect(webhook?.automountServiceAccountToken).toBe(isBuiltIn(set) || readsSources(set))
    expect(tester?.automountServiceAccountToken).toBe(false)
  })

  test('no Secret has data, and no caBundle is rendered but the one that is given', async () => {
    const objects = await render(text)
    for (const secret of objects.filter(({ kind }) => kind === 'Secret'))
      expect(Object.keys(secret).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'type'])
    const expected = name === 'existing-secret' ? expect.stringMatching(/^LS0tLS1CRUdJTi/) : undefined
    for (const { clientConfig } of entriesOf(objects)) expect(clientConfig.caBundle).toEqual(expected)
  })

  test("no entry is for the release's own namespace", async () => {
    const own = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [NAMESPACE] }
    for (const { namespaceSelector } of entriesOf(await render(text)))
      expect(namespaceSelector).toMatchObject({ matchExpressions: expect.arrayContaining([own]) })
  })
})

describe('rights', () => {
  test.each(builtIn)('are those on two objects by name, and to read annotations ($name)', async (set) => {
    const { name, text } = set
    const objects = await render(text)
    const full = name === 'names' ? 'aws-identity-webhook' : 'lanyard-webhook'
    expect(only(objects, 'Role')['rules']).toEqual([
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: [`${full}-ca`],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
    ])
    expect(only(objects, 'ClusterRole')['rules']).toEqual([
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
        resourceNames: [full],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
      ...(readsSources(set) ? [sourcesRule] : []),
    ])
    const account = (podsOf(objects)[0] as unknown as { serviceAccountName: string }).serviceAccountName
    for (const kind of ['RoleBinding', 'ClusterRoleBinding']) {
      const binding = only(objects, kind)
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name: account, namespace: NAMESPACE }])
      expect(binding['roleRef']).toMatchObject({ kind: kind.replace('Binding', ''), name: full })
    }
    const policy = policyText(objects)
    expect(policy).toContain(`'system:serviceaccount:${NAMESPACE}:${account}'`)
    expect(policy).toContain(`request.name == '${full}'`)
  })

  test.each(others)(
    'are those to read annotations where the webhook makes no certificate ($name)',
    async ({ text }) => {
      const objects = await render(text)
      expect(only(objects, 'ClusterRole')['rules']).toEqual([sourcesRule])
      expect(namesOf(objects, /Role|^Secret$|AdmissionPolicy/)).toEqual([
        'ClusterRole/lanyard-webhook',
        'ClusterRoleBinding/lanyard-webhook',
      ])
    },
  )

  test('are none, and no token, where it needs to read nothing either', async () => {
    const objects = await render('{ tls: { mode: certManager }, config: { sources: { enabled: false } } }')
    expect(namesOf(objects, /Role|^Secret$|AdmissionPolicy/)).toEqual([])
    expect(podsOf(objects).map(({ automountServiceAccountToken }) => automountServiceAccountToken)).toEqual([
      false,
      false,
    ])
  })
})

/** The policy of what the webhook may change in its configuration. */
function policyText(objects: readonly Rendered[]): string {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name.endsWith('-configuration'),
  )
  return JSON.stringify(found?.['spec'])
}

test('the policy compares every field of an entry but caBundle', async () => {
  const objects = await render('')
  const policy = policyText(objects)
  const { clientConfig, name, ...fields } = entriesOf(objects)[0] as Entry & Record<string, unknown>
  expect(name).toBe('pods.lanyard.dev')
  for (const field of [...Object.keys(fields), 'objectSelector']) expect(policy).toContain(`'${field}'`)
  for (const field of [...Object.keys(clientConfig), 'url']) expect(policy).toContain(`clientConfig.?${field}`)
  expect(policy).not.toContain('?caBundle')
})

test('the network policy lets in the API server, Prometheus and the test, and out to the API server', async () => {
  const { spec } = only(await render(setOf('network-policy').text), 'NetworkPolicy') as unknown as {
    spec: { ingress: { from?: unknown[]; ports: { port: unknown }[] }[]; egress: { ports: { port: unknown }[] }[] }
  }
  expect(spec.ingress.map(({ ports }) => ports[0]?.port)).toEqual(['webhook', 'metrics'])
  expect(spec.ingress.map(({ from }) => from?.length)).toEqual([3, 2])
  expect(spec.egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([53, 53, 6443])
  const egressOf = async (values: string): Promise<unknown[]> => {
    const policy = only(await render(values), 'NetworkPolicy') as unknown as { spec: { egress: unknown[] } }
    return policy.spec.egress
  }
  const { text } = setOf('cert-manager')
  expect(await egressOf(text)).toHaveLength(2)
  expect(await egressOf(`${text}config: { sources: { enabled: false } }\n`)).toEqual([])
})
