import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { clusterReader, loadCluster, secretStore } from '../../../src/kubernetes/index.ts'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { type ApiServer, authority, canary, startApiServer } from './apiServer.ts'
import { accountFolder, failureOf, podEnv, secret, secretPath, startWorld, temporaryFolder } from './support.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const handed = { clock: createVirtualClock(), random: () => 0, version: '1.2.3' }
const nowhere = '/nowhere'

/** A kubeconfig of one context; `text` where it must be something else. */
function kubeconfig(server: string, more: { user?: object; text?: string } = {}): string {
  const file = join(temporaryFolder(), 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    clusters: [
      {
        name: 'here',
        cluster: { server, 'certificate-authority-data': Buffer.from(authority.pem).toString('base64') },
      },
    ],
    users: [{ name: 'me', user: more.user ?? { token: canary } }],
  }
  writeFileSync(file, more.text ?? JSON.stringify(config))
  return file
}

const read = (cluster: ReturnType<typeof loadCluster>) => secretStore(cluster, secret).read()
const failureOfLoading = (options: Partial<Parameters<typeof loadCluster>[0]>) =>
  failureOf((async () => loadCluster({ env: {}, accountFolder: nowhere, ...handed, ...options }))())

async function withSecret(host?: string): Promise<ApiServer> {
  const server = await startApiServer(host === undefined ? {} : { host })
  server.put(secretPath)
  return server
}

test('a pod asks by its own token, and says who it is', async () => {
  const { server, cluster } = await startWorld()
  server.put(secretPath)
  await read(cluster)
  expect(server.seen[0]).toMatchObject({
    method: 'GET',
    url: secretPath,
    headers: { authorization: `Bearer ${canary}`, 'user-agent': 'lanyard/1.2.3', accept: 'application/json' },
  })
})

test('an IPv6 address of the API server works', async () => {
  const server = await withSecret('::1')
  const cluster = loadCluster({ env: podEnv(server.port, '::1'), accountFolder: accountFolder(), ...handed })
  await expect(read(cluster)).resolves.toMatchObject({ values: {} })
})

test('a token that kubelet replaced is used within a minute or so', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { server, cluster, folder } = await startWorld()
  server.put(secretPath)
  await read(cluster)
  writeFileSync(join(folder, 'token'), `${canary}_next`)
  server.accept(`${canary}_next`)
  vi.setSystemTime(Date.now() + 61_000)
  await expect(read(cluster)).resolves.toMatchObject({ values: {} })
})

test('a newline behind the token does no harm', async () => {
  const server = await withSecret()
  const cluster = loadCluster({ env: podEnv(server.port), accountFolder: accountFolder(`${canary}\n`), ...handed })
  await expect(read(cluster)).resolves.toMatchObject({ values: {} })
})

test('an authority that was replaced counts at the next request', async () => {
  const { server, cluster, folder } = await startWorld()
  server.put(secretPath)
  await read(cluster)
  const other = await createCertificateAuthority({ name: 'another', now: Date.now })
  writeFileSync(join(folder, 'ca.crt'), other.pem)
  const failure = await failureOf(read(cluster))
  expect(failure).toMatchObject({ code: 'ClusterAnswerInvalid' })
  expect(failure.message).toContain('the certificate of what answers is not trusted')
  expect(server.seen).toHaveLength(1)
})

test('a token that is taken away is told by the word of the system', async () => {
  const { server, cluster, folder } = await startWorld()
  rmSync(join(folder, 'token'))
  const failure = await failureOf(read(cluster))
  expect(failure.message).toContain('ClusterConfigurationMissing: the token, certificate or plugin')
  expect(failure.message).toContain('(ENOENT)')
  expect(server.seen).toEqual([])
})

test('with an empty authority nobody is trusted, and no token is sent', async () => {
  const { server, cluster, folder } = await startWorld()
  writeFileSync(join(folder, 'ca.crt'), '')
  await expect(failureOf(read(cluster))).resolves.toMatchObject({ code: 'ClusterAnswerInvalid' })
  expect(server.seen).toEqual([])
})

test('no variable turns off that certificates are verified', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const { server, cluster, folder } = await startWorld()
  writeFileSync(join(folder, 'ca.crt'), (await createCertificateAuthority({ name: 'another', now: Date.now })).pem)
  await expect(failureOf(read(cluster))).resolves.toMatchObject({ code: 'ClusterAnswerInvalid' })
  expect(server.seen).toEqual([])
})

test('outside a pod KUBECONFIG counts; files that are not there are skipped', async () => {
  const server = await withSecret()
  const file = kubeconfig(`https://127.0.0.1:${server.port}`)
  const cluster = loadCluster({ env: { KUBECONFIG: `${nowhere}:${file}` }, accountFolder: nowhere, ...handed })
  await expect(read(cluster)).resolves.toMatchObject({ values: {} })
})

test('a server whose address has a path is asked below it', async () => {
  const server = await withSecret()
  const file = kubeconfig(`https://127.0.0.1:${server.port}/k8s/clusters/c-1/`)
  server.put(`/k8s/clusters/c-1${secretPath}`)
  await read(loadCluster({ env: { KUBECONFIG: file }, accountFolder: nowhere, ...handed }))
  expect(server.seen[0]?.url).toBe(`/k8s/clusters/c-1${secretPath}`)
})

test('a plugin that proves who we are is run, and what it says is kept to itself when it fails', async () => {
  const server = await withSecret()
  const plugin = (script: string) => ({
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', script] },
  })
  const good = plugin(`console.log(JSON.stringify({ status: { token: '${canary}' } }))`)
  const bad = plugin(`console.error('${canary}'); process.exit(1)`)
  const load = (user: object) => {
    const file = kubeconfig(`https://127.0.0.1:${server.port}`, { user })
    return loadCluster({ env: { KUBECONFIG: file }, accountFolder: nowhere, ...handed })
  }
  await expect(read(load(good))).resolves.toMatchObject({ values: {} })
  await expect(failureOf(read(load(bad)))).resolves.toMatchObject({ code: 'ClusterConfigurationMissing' })
})

test('a plugin that hangs keeps no request waiting, is told by its command alone, and ends after two minutes', async () => {
  const server = await withSecret()
  const started = join(temporaryFolder(), 'started')
  const script = `process.on('SIGTERM', () => {}); require('fs').appendFileSync(process.argv[1], process.pid + ' '); setInterval(() => {}, 1000)`
  const user = { exec: { command: process.execPath, args: ['-e', script, started, canary] } }
  const file = kubeconfig(`https://127.0.0.1:${server.port}`, { user })
  const clock = createVirtualClock()
  const cluster = loadCluster({ env: { KUBECONFIG: file }, accountFolder: nowhere, ...handed, clock })
  const reader = clusterReader(cluster)
  const place = { path: '/version', title: 'the version' }
  const [one, other] = [failureOf(reader.text(place)), failureOf(reader.get(place))]
  await vi.waitFor(() => expect(readFileSync(started, 'utf8')).toMatch(/^\d+ $/), { timeout: 10_000 })
  await clock.advance(5_000)
  const failure = await one
  expect(failure).toMatchObject({ code: 'ClusterConfigurationMissing', problems: [{ field: 'KUBECONFIG' }] })
  expect(failure.message).toContain(`the plugin "${process.execPath}", which is to prove who you are, has not answered`)
  expect(failure.message).not.toContain(canary)
  expect((await other).message).toBe(failure.message)
  // One for both; and for whoever asks while somebody may still be logging in.
  const pid = Number(readFileSync(started, 'utf8'))
  const meanwhile = failureOf(reader.text(place))
  await clock.advance(5_000)
  expect((await meanwhile).message).toBe(failure.message)
  expect(readFileSync(started, 'utf8')).toBe(`${pid} `)
  expect(process.kill(pid, 0)).toBe(true)
  await clock.advance(110_000)
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(/ESRCH/), { timeout: 10_000 })
  // The next one has one of its own, which ends with the cluster.
  const later = failureOf(reader.text(place))
  await vi.waitFor(() => expect(readFileSync(started, 'utf8')).toMatch(/^\d+ \d+ $/), { timeout: 10_000 })
  const second = Number(readFileSync(started, 'utf8').split(' ')[1])
  cluster.close()
  await vi.waitFor(() => expect(() => process.kill(second, 0)).toThrow(/ESRCH/), { timeout: 10_000 })
  await later
  expect(await failureOf(reader.text(place))).toBeInstanceOf(Failure)
  expect(server.seen).toEqual([])
})

test('a plugin by the older way of kubeconfigs is one too', async () => {
  const server = await withSecret()
  const user = { 'auth-provider': { name: 'exec', config: { exec: { command: 'nowhere-login' } } } }
  const file = kubeconfig(`https://127.0.0.1:${server.port}`, { user })
  const cluster = loadCluster({ env: { KUBECONFIG: file }, accountFolder: nowhere, ...handed })
  expect((await failureOf(read(cluster))).message).toContain('the plugin "nowhere-login"')
})

test('without a pod and a kubeconfig it says what is missing', async () => {
  const failure = await failureOfLoading({ home: nowhere })
  expect(failure.message).toBe(
    'ClusterConfigurationMissing: KUBERNETES_SERVICE_HOST is not set, and /nowhere/.kube/config cannot be read. Set KUBECONFIG, or give --kubeconfig and --context; in a pod, run it by the chart.',
  )
})

test('a pod without a token says which files it lacks', async () => {
  const failure = await failureOfLoading({ env: podEnv(443) })
  expect(failure.message).toContain('the pod lacks /nowhere/token and /nowhere/ca.crt, and no kubeconfig is named')
})

test.each([
  ['that is no YAML', { text: `token: "${canary}` }],
  ['that is empty', { text: '' }],
  ['that has no context', { text: `users: [{ name: me, user: { token: ${canary} } }]` }],
])('a kubeconfig %s is refused, and not quoted', async (_what, more) => {
  const failure = await failureOfLoading({ env: { KUBECONFIG: kubeconfig('https://localhost', more) } })
  expect(failure.code).toBe('ClusterConfigurationMissing')
})

test.each(['http://localhost:8001', 'localhost', 'ftp://localhost'])(
  'the server %j is refused: a token is sent by https only',
  async (server) => {
    const failure = await failureOfLoading({ env: { KUBECONFIG: kubeconfig(server) } })
    expect(failure.message).toContain('the server of the current context is no https URL')
  },
)
