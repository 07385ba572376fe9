import { afterAll, beforeAll, expect, test } from 'vitest'
import { apply, kubectl, podReady, said, tryApply } from './support/kubectl.ts'
import { ensureInstalled, webhookConfiguration } from './support/lanyard.ts'
import { endpointOf, roleArn } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod, sidecarOf } from './support/workloads.ts'

const WHERE = 'e2e-direct'
const EKS = 'e2e-eks'

beforeAll(async () => {
  await ensureInstalled({ config: { compatibility: { eks: true } } })
  await makeNamespace(WHERE)
  await makeNamespace(EKS)
})
afterAll(async () => {
  await ensureInstalled()
  await Promise.all([WHERE, EKS].map(dropNamespace))
})

const direct = { 'lanyard.dev/mode': 'direct' }
type Variable = { readonly name: string; readonly value?: string }
const variablesOf = (env: readonly Variable[]): Readonly<Record<string, string>> =>
  Object.fromEntries(env.map(({ name, value = '' }) => [name, value]))

test('direct mode: an SDK has its identity by AWS_WEB_IDENTITY_TOKEN_FILE, with no sidecar', async () => {
  await apply([pod('direct', WHERE, { annotations: direct, initScript: 'aws sts get-caller-identity' })])
  const { spec } = await podReady('direct', WHERE)
  const text = await said(/READY/, 'direct', WHERE)
  expect(text).toMatch(/assumed-role\/web\//)
  expect(await said(/Arn/, 'direct', WHERE, 'init')).toContain('assumed-role/web/')
  expect(spec.initContainers.map(({ name }: { name: string }) => name)).toEqual(['init'])
  expect(variablesOf(spec.containers[0].env)).toMatchObject({
    AWS_ROLE_ARN: roleArn('web'),
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/lanyard.dev/identity/token',
    AWS_ENDPOINT_URL_STS: endpointOf('sts'),
  })
})

test('direct mode works where the pod is on the network of its node', async () => {
  await apply([
    pod('host', WHERE, { annotations: direct, spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } }),
  ])
  await podReady('host', WHERE)
  await said(/assumed-role\/web\//, 'host', WHERE)
})

test('what only a sidecar can do is denied with direct mode', async () => {
  const annotations = { ...direct, 'lanyard.dev/session-duration': '2h', 'lanyard.dev/session-name': 'me' }
  const { code, stderr } = await tryApply([pod('conflict', WHERE, { annotations })])
  expect(code).toBe(1)
  expect(stderr).toContain('DirectModeConflict: metadata.annotations[lanyard.dev/session-duration]')
  expect(stderr).toContain('DirectModeConflict: metadata.annotations[lanyard.dev/session-name]')
})

test('with EKS compatibility, an annotated ServiceAccount works unchanged', async () => {
  const annotations = { 'eks.amazonaws.com/role-arn': roleArn('web'), 'eks.amazonaws.com/token-expiration': '7200' }
  await apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'irsa', namespace: EKS, annotations } }])
  const skips = { 'eks.amazonaws.com/skip-containers': 'other, another' }
  const plain = { role: undefined, annotations: skips, spec: { serviceAccountName: 'irsa' } }
  const written = pod('irsa', EKS, plain) as { spec: { containers: object[] } }
  const [app] = written.spec.containers
  written.spec.containers.push({ ...app, name: 'another', command: ['sleep', 'infinity'] })
  await apply([written])
  const { spec, metadata } = await podReady('irsa', EKS)
  await said(/assumed-role\/web\//, 'irsa', EKS)
  expect(sidecarOf({ metadata, spec })).toBeUndefined()
  expect(variablesOf(spec.containers[0].env)).toMatchObject({
    AWS_STS_REGIONAL_ENDPOINTS: 'regional',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_REGION: 'eu-west-1',
    AWS_ROLE_ARN: roleArn('web'),
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
  })
  expect(spec.volumes).toContainEqual({
    name: 'aws-iam-token',
    projected: {
      defaultMode: 420,
      sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 7200, path: 'token' } }],
    },
  })
  // The skipped one is as it was written.
  expect(spec.containers[1].env).toEqual((app as { env: unknown }).env)
  const annotated = await kubectl(['get', 'pod', 'irsa', '-n', EKS, '-o', 'jsonpath={.metadata.annotations}'])
  expect(annotated).not.toContain('lanyard.dev/')
})

test('a pod that asks Lanyard has the sidecar, with the role that the ServiceAccount has for EKS', async () => {
  const annotations = { 'lanyard.dev/inject': 'true' }
  await apply([pod('moved', EKS, { role: undefined, annotations, spec: { serviceAccountName: 'irsa' } })])
  const moved = await podReady('moved', EKS)
  await said(/assumed-role\/web\//, 'moved', EKS)
  expect(sidecarOf(moved)).toBeDefined()
})

test("EKS's entry fails open by default, as the webhook that it replaces does", async () => {
  const entries: readonly { readonly name: string; readonly failurePolicy: string }[] = (await webhookConfiguration())[
    'webhooks'
  ]
  expect(entries.map(({ name, failurePolicy }) => [name, failurePolicy])).toEqual([
    ['pods.lanyard.dev', 'Fail'],
    ['defaults.lanyard.dev', 'Fail'],
    ['eks.lanyard.dev', 'Ignore'],
  ])
})
