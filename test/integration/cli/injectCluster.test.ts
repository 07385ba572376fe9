import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { authority, canary, startApiServer } from '../kubernetes/apiServer.ts'
import { CONFIG, folderWith, pod, ROLE } from './injecting.ts'

const config = '/api/v1/namespaces/lanyard-system/configmaps/lanyard-webhook'
const account = '/api/v1/namespaces/shop/serviceaccounts/default'
const namespace = '/api/v1/namespaces/shop'

/** A folder as of `folderWith`, and `lanyard inject --from-cluster` in it, by a kubeconfig for a cluster of its own. */
async function clusterWith(files: Readonly<Record<string, string>>) {
  const server = await startApiServer()
  const { folder, inject } = folderWith({ 'ask.yaml': pod({ 'lanyard.dev/inject': 'true' }), ...files })
  const kubeconfig = join(folder, 'kubeconfig')
  const cluster = {
    server: `https://127.0.0.1:${server.port}`,
    'certificate-authority-data': Buffer.from(authority.pem).toString('base64'),
  }
  const parts = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: canary } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }
  writeFileSync(kubeconfig, JSON.stringify(parts))
  const run = (...args: readonly string[]) =>
    inject(['-n', 'shop', '--from-cluster', ...args], {
      env: { KUBECONFIG: kubeconfig, LANYARD_SIDECAR_IMAGE: 'not.this' },
    })
  return { server, run }
}

test('the configuration, ServiceAccounts and namespaces of the cluster, behind what the files say', async () => {
  const file = `{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {lanyard.dev/permitted-roles: ${ROLE}}}}`
  const { server, run } = await clusterWith({ 'ns.yaml': file })
  server.put(config, { data: { 'config.yaml': `${CONFIG}tls: {namespace: x}` } })
  server.annotate(account, { 'lanyard.dev/role-arn': ROLE })
  server.annotate(namespace, { 'lanyard.dev/permitted-roles': 'arn:aws:iam::111122223333:role/other' })
  const denied = await run('-f', 'ask.yaml')
  expect([denied.code, denied.stdout]).toEqual([1, ''])
  expect(denied.stderr).toMatch(/^Pod shop\/web: denied: RoleNotPermitted: /)
  const { code, stdout, stderr } = await run('-f', 'ask.yaml', '--namespace-file', 'ns.yaml')
  expect([code, stderr]).toEqual([0, 'Pod shop/web: injected\n'])
  expect(stdout).toContain('image: registry.example.com/lanyard:1\n')
  const asked = server.seen.map(({ url }) => url)
  expect(asked.slice(-3)).toEqual([config, account, namespace])
  expect(server.seen.every(({ method }) => method === 'GET')).toBe(true)
})

test('objects that are not there say nothing', async () => {
  const { server, run } = await clusterWith({ 'pod.yaml': pod() })
  server.put(config, { data: { 'config.yaml': CONFIG } })
  expect(await run('-f', 'pod.yaml')).toMatchObject({ code: 0, stderr: 'Pod shop/web: injected\n' })
})

test('what the cluster does not say stops it, with a line that says why', async () => {
  const { server, run } = await clusterWith({ 'pod.yaml': pod() })
  const missing = await run('-f', 'pod.yaml', '--system-namespace', 'elsewhere')
  expect([missing.code, missing.stdout]).toEqual([1, ''])
  expect(missing.stderr).toMatch(/^ClusterObjectMissing: ConfigMap elsewhere\/lanyard-webhook: get: HTTP 404/)
  server.put(config, { data: { other: '' } })
  expect((await run('-f', 'pod.yaml')).stderr).toMatch(
    /^ClusterAnswerInvalid: ConfigMap lanyard-system\/lanyard-webhook: get: it has no config\.yaml\. /,
  )
  server.put(config, { data: { 'config.yaml': 'sidecar: {imge: x}' } })
  expect((await run('-f', 'pod.yaml')).stderr).toMatch(
    /^SettingUnknown: sidecar\.imge: .*\nSettingMissing: sidecar\.image: /,
  )
  server.put(config, { data: { 'config.yaml': `${CONFIG.replace('{', '{stsCaFile: /etc/lanyard/sts/ca.crt, ')}` } })
  expect((await run('-f', 'pod.yaml')).stderr).toMatch(
    /^SettingMissing: --aws-sts-ca-file: the configuration names \/etc\/lanyard\/sts\/ca\.crt, which is in the pods of the webhook\. Give/,
  )
})

test('rights that are lacking deny the pods that ask, as at the webhook', async () => {
  const { server, run } = await clusterWith({})
  server.put(config, { data: { 'config.yaml': CONFIG } })
  server.failOn(/serviceaccounts/, (_, response) => {
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"kind":"Status","message":"no"}')
  })
  const { code, stdout, stderr } = await run('-f', 'ask.yaml')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('Pod shop/web: denied: SourceUnreadable: ServiceAccount shop/default: ClusterForbidden: ')
  expect(stderr).not.toContain('Not given')
})
