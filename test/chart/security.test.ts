import { describe, expect, test } from 'vitest'
import { NAMESPACE, only, type Rendered, render } from './helm.ts'
import { setOf, sets } from './sets.ts'

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
const builtIn = sets.filter(({ text }) => !text.includes('mode: '))
const others = sets.filter(({ text }) => text.includes('mode: '))

describe.each(sets)('with the values $name', ({ name, text }) => {
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
    expect(webhook?.automountServiceAccountToken).toBe(builtIn.some((set) => set.name === name))
    expect(tester?.automountServiceAccountToken).toBe(false)
  })

  test('no Secret has data, and no caBundle is rendered but the one that is given', async () => {
    const objects = await render(text)
    for (const secret of objects.filter(({ kind }) => kind === 'Secret'))
      expect(Object.keys(secret).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'type'])
    const bundles = entriesOf(objects).map(({ clientConfig }) => clientConfig.caBundle)
    const expected = name === 'existing-secret' ? expect.stringMatching(/^LS0tLS1CRUdJTi/) : undefined
    expect(bundles).toEqual([expected, expected])
  })

  test("neither entry is for the release's own namespace", async () => {
    const own = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [NAMESPACE] }
    for (const { namespaceSelector } of entriesOf(await render(text)))
      expect(namespaceSelector).toMatchObject({ matchExpressions: expect.arrayContaining([own]) })
  })
})

describe('rights', () => {
  test.each(builtIn)('are those on two objects by name ($name)', async ({ name, text }) => {
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
    ])
    const account = (podsOf(objects)[0] as unknown as { serviceAccountName: string }).serviceAccountName
    for (const kind of ['RoleBinding', 'ClusterRoleBinding']) {
      const binding = only(objects, kind)
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name: account, namespace: NAMESPACE }])
      expect(binding['roleRef']).toMatchObject({ kind: kind.replace('Binding', ''), name: full })
    }
    const policy = JSON.stringify(only(objects, 'ValidatingAdmissionPolicy')['spec'])
    expect(policy).toContain(`'system:serviceaccount:${NAMESPACE}:${account}'`)
    expect(policy).toContain(`request.name == '${full}'`)
  })

  test.each(others)('are none where the webhook makes no certificate ($name)', async ({ text }) => {
    const kinds = (await render(text)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => /Role|Policy(Binding)?$|^Secret$/.test(kind) && kind !== 'NetworkPolicy')).toEqual([])
  })
})

test('the policy compares every field of an entry but caBundle', async () => {
  const objects = await render('')
  const policy = JSON.stringify(only(objects, 'ValidatingAdmissionPolicy')['spec'])
  const { clientConfig, name, ...fields } = entriesOf(objects)[0] as Entry & Record<string, unknown>
  expect(name).toBe('pods.lanyard.dev')
  for (const field of [...Object.keys(fields), 'objectSelector']) expect(policy).toContain(`'${field}'`)
  for (const field of [...Object.keys(clientConfig), 'url']) expect(policy).toContain(`clientConfig.?${field}`)
  expect(policy).not.toContain('?caBundle')
})

test('the network policy lets in the API server, Prometheus and the test, and out what the authority needs', async () => {
  const { spec } = only(await render(setOf('network-policy').text), 'NetworkPolicy') as unknown as {
    spec: { ingress: { from?: unknown[]; ports: { port: unknown }[] }[]; egress: { ports: { port: unknown }[] }[] }
  }
  expect(spec.ingress.map(({ ports }) => ports[0]?.port)).toEqual(['webhook', 'metrics'])
  expect(spec.ingress.map(({ from }) => from?.length)).toEqual([3, 2])
  expect(spec.egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([53, 53, 6443])
  const without = only(await render(setOf('cert-manager').text), 'NetworkPolicy') as unknown as {
    spec: { egress: unknown[] }
  }
  expect(without.spec.egress).toEqual([])
})
