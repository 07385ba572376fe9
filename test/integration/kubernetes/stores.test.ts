import { expect, test } from 'vitest'
import { secretStore, trustStore } from '../../../src/kubernetes/index.ts'
import { configuration, configurationPath, failureOf, secret, secretPath, startWorld } from './support.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const entry = (name: string, caBundle?: string) => ({
  name,
  clientConfig: { service: { name: 'lanyard-webhook' }, ...(caBundle === undefined ? {} : { caBundle }) },
  fieldOfTheNextVersion: [1],
})

test('a Secret without data is empty; written, it is read again as it was, and its labels stay', async () => {
  const { server, cluster } = await startWorld()
  const labels = { metadata: { name: 'x', uid: 'u', labels: { a: 'b' }, ownerReferences: [{ kind: 'Deployment' }] } }
  server.put(secretPath, { ...labels, type: 'Opaque' })
  const store = secretStore(cluster, secret)
  const first = await store.read()
  expect(first).toEqual({ values: {}, version: server.version() })
  await expect(store.write({ 'ca.crt': 'ü\n', empty: '' }, first)).resolves.toBe('written')
  await expect(store.read()).resolves.toEqual({ values: { 'ca.crt': 'ü\n', empty: '' }, version: server.version() })
  expect(server.get(secretPath)).toMatchObject({ ...labels, type: 'Opaque' })
})

test('writing sets and takes away, and leaves other values as they are, text or not', async () => {
  const { server, cluster } = await startWorld()
  const binary = Buffer.from([0, 255, 128, 10]).toString('base64')
  server.put(secretPath, { data: { old: base64('1'), kept: base64('1'), binary } })
  const store = secretStore(cluster, secret)
  const held = await store.read()
  await expect(store.write({ next: '2', old: undefined, kept: '3' }, held)).resolves.toBe('written')
  expect(server.get(secretPath)).toMatchObject({ data: { next: base64('2'), kept: base64('3'), binary } })
  await expect(store.read()).resolves.toMatchObject({ values: { next: '2', kept: '3' } })
  expect(Object.keys((await store.read()).values)).not.toContain('old')
})

test('what another has taken away meanwhile is a conflict', async () => {
  const { server, cluster } = await startWorld()
  server.put(secretPath, { data: { old: base64('1'), kept: base64('1') } })
  const store = secretStore(cluster, secret)
  const held = await store.read()
  await expect(store.write({ old: undefined }, held)).resolves.toBe('written')
  await expect(store.write({ old: undefined }, held)).resolves.toBe('conflict')
})

test('what another has made of an empty Secret meanwhile stays', async () => {
  const { server, cluster } = await startWorld()
  server.put(secretPath)
  const store = secretStore(cluster, secret)
  const held = await store.read()
  await expect(store.write({ first: '1' }, held)).resolves.toBe('written')
  await expect(store.write({ second: '2' }, held)).resolves.toBe('conflict')
  expect((await store.read()).values).toEqual({ first: '1' })
})

test('a Secret that has changed since is not written', async () => {
  const { server, cluster } = await startWorld()
  server.put(secretPath)
  const version = server.version()
  server.put(secretPath, { data: { theirs: base64('1') } })
  await expect(secretStore(cluster, secret).write({ ours: '2' }, { values: {}, version })).resolves.toBe('conflict')
  expect(server.get(secretPath)).toMatchObject({ data: { theirs: base64('1') } })
})

test('of two replicas that write at once, one has a conflict', async () => {
  const { server, cluster } = await startWorld()
  server.put(secretPath)
  const store = secretStore(cluster, secret)
  const held = await store.read()
  const results = await Promise.all([store.write({ a: '1' }, held), store.write({ b: '2' }, held)])
  expect(results.toSorted()).toEqual(['conflict', 'written'])
})

test('names are put into the path as they are, whatever they hold', async () => {
  const { server, cluster } = await startWorld()
  await failureOf(secretStore(cluster, { namespace: '../x', name: 'a/b?c' }).read())
  expect(server.seen[0]?.url).toBe('/api/v1/namespaces/..%2Fx/secrets/a%2Fb%3Fc')
})

test('caBundles are read entry by entry, as PEM', async () => {
  const { server, cluster } = await startWorld()
  server.put(configurationPath, { webhooks: [entry('pods.lanyard.dev', base64(pem)), entry('defaults.lanyard.dev')] })
  await expect(trustStore(cluster, configuration).read()).resolves.toEqual({
    bundles: [pem, ''],
    version: server.version(),
  })
})

test('a configuration without entries has no bundles, and is written without any', async () => {
  const { server, cluster } = await startWorld()
  server.put(configurationPath)
  const store = trustStore(cluster, configuration)
  const { bundles, version } = await store.read()
  expect(bundles).toEqual([])
  await expect(store.write([], version)).resolves.toBe('written')
})

test('the bundle is written into every entry, and nothing else is', async () => {
  const { server, cluster } = await startWorld()
  server.put(configurationPath, { webhooks: [entry('pods.lanyard.dev', base64('old')), entry('defaults.lanyard.dev')] })
  const store = trustStore(cluster, configuration)
  await expect(store.write([pem, pem], server.version())).resolves.toBe('written')
  expect(server.get(configurationPath)).toMatchObject({
    webhooks: [entry('pods.lanyard.dev', base64(pem)), entry('defaults.lanyard.dev', base64(pem))],
  })
  expect(server.seen.map(({ method }) => method)).toEqual(['PATCH'])
  const patch: { path: string }[] = JSON.parse(server.seen.at(-1)?.body ?? '')
  expect(patch.map(({ path }) => path)).toEqual([
    '/metadata/resourceVersion',
    '/webhooks/0/clientConfig/caBundle',
    '/webhooks/1/clientConfig/caBundle',
  ])
})

test('a configuration that has changed since is not written', async () => {
  const { server, cluster } = await startWorld()
  server.put(configurationPath, { webhooks: [entry('a')] })
  const version = server.version()
  server.put(configurationPath, { webhooks: [entry('b'), entry('a')] })
  await expect(trustStore(cluster, configuration).write([pem], version)).resolves.toBe('conflict')
  expect(server.get(configurationPath)).toMatchObject({ webhooks: [entry('b'), entry('a')] })
})

test.each([
  ['a Secret', secretPath, { data: [] }],
  ['a Secret', secretPath, { data: { key: 1 } }],
  ['a MutatingWebhookConfiguration', configurationPath, { webhooks: {} }],
  ['a MutatingWebhookConfiguration', configurationPath, { webhooks: [{ clientConfig: { caBundle: 7 } }] }],
])('%s of another shape is no answer: %s %j', async (kind, path, content) => {
  const { server, cluster } = await startWorld()
  server.put(path, content)
  const store = path === secretPath ? secretStore(cluster, secret) : trustStore(cluster, configuration)
  const failure = await failureOf(store.read())
  expect(failure).toMatchObject({ code: 'ClusterAnswerInvalid' })
  expect(failure.message).toContain(`the answer is no ${kind.replace('a ', '')}`)
})

test('null stands for nothing, as Go writes it', async () => {
  const { server, cluster } = await startWorld()
  server.put(secretPath, { data: null })
  server.put(configurationPath, { webhooks: null })
  await expect(secretStore(cluster, secret).read()).resolves.toMatchObject({ values: {} })
  await expect(trustStore(cluster, configuration).read()).resolves.toMatchObject({ bundles: [] })
})
