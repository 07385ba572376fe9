import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { apply, kubectl, raw, said } from './support/kubectl.ts'
import {
  type Account,
  createAuthority,
  createCluster,
  deleteCluster,
  lanyard,
  printed,
  publish,
  STS_HOST,
  startAws,
} from './support/selfMade.ts'
import { ACCOUNT, NAMESPACE, REGION, RELEASE, told } from './support/settings.ts'
import { must } from './support/shell.ts'
import { namespace } from './support/sts.ts'

const HOST = 'oidc.example.com'
const ISSUER = `https://${HOST}/clusters/shop`
const folder = mkdtempSync(join(tmpdir(), 'lanyard-setup-'))
const site = join(folder, 'site')
const { KUBECONFIG: usual } = process.env

beforeAll(
  async () => createCluster(await printed('setup', 'issuer', '--issuer', ISSUER, '--flags', 'kind'), folder),
  600_000,
)
afterAll(async () => {
  await deleteCluster()
  rmSync(folder, { recursive: true, force: true })
  if (usual !== undefined) process.env['KUBECONFIG'] = usual
})

const authority = await createAuthority()

test('the cluster signs tokens as the issuer that was named', async () => {
  const { issuer } = JSON.parse(await raw('/.well-known/openid-configuration'))
  expect(issuer).toBe(ISSUER)
})

test('from an empty cluster to a pod with an identity, by what setup printed alone', async () => {
  await printed('setup', 'issuer', '--out', site)
  const ip = await publish(site, HOST, authority)
  const account: Account = {
    provider: JSON.parse(await printed('setup', 'provider', '--output', 'json')),
    role: JSON.parse(await printed('setup', 'role', ...role, '--output', 'json')),
  }
  await startAws(account, { host: HOST, ip }, authority)
  await installLanyard()
  await apply([namespace('shop'), caConfigMap('shop')])
  const objects = parseAllDocuments(await printed('setup', 'role', ...role, '--output', 'kubernetes'))
  await apply(objects.map((document) => document.toJS()))
  await apply([pod('web', 'web')])
  expect(await said(/arn:/, 'web', 'shop')).toContain(`arn:aws:sts::${ACCOUNT}:assumed-role/web/shop.web.web`)
}, 300_000)

test('nobody else has the role: another service account is refused', async () => {
  await apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'other', namespace: 'shop' } },
    pod('other', 'other', { 'lanyard.dev/role-arn': `arn:aws:iam::${ACCOUNT}:role/web` }),
  ])
  expect(await said(/StsAccessDenied/, 'other', 'shop', 'lanyard')).toContain('system:serviceaccount:shop:other')
})

test('the policy that setup printed has no hole that lint would find', async () => {
  const policy = join(folder, 'role.json')
  await must('sh', ['-c', `cat > '${policy}'`], { input: await printed('setup', 'role', ...role, '--output', 'json') })
  const { code, stdout, stderr } = await lanyard('setup', 'lint', policy, '--issuer', ISSUER, '--for', 'shop/web')
  expect(code, stdout + stderr).toBe(0)
})

const role = ['--account', ACCOUNT, '--name', 'web', '--namespace', 'shop', '--service-account', 'web']

async function installLanyard(): Promise<void> {
  await apply([namespace(NAMESPACE), caConfigMap(NAMESPACE)])
  const [repository, tag] = told().images.product.split(':')
  const values = {
    image: { repository, tag },
    config: { aws: { region: REGION, stsEndpoint: `https://${STS_HOST}` } },
    stsCa: { configMap: 'sts-ca', key: 'ca.crt' },
  }
  const install = ['install', RELEASE, told().charts.current, '-n', NAMESPACE, '--wait', '--timeout', '120s', '-f', '-']
  await must('helm', install, { input: JSON.stringify(values), timeout: 180_000 })
}

function caConfigMap(where: string): object {
  const metadata = { name: 'sts-ca', namespace: where }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': authority.pem } }
}

/** An unmodified AWS SDK that asks who it is; what says that it may is on its ServiceAccount, or here. */
function pod(name: string, serviceAccountName: string, annotations: Readonly<Record<string, string>> = {}): object {
  const container = {
    name: 'app',
    image: told().images.testbed,
    imagePullPolicy: 'IfNotPresent',
    command: ['/nodejs/bin/node', '/app/whoami.cjs'],
    env: [
      { name: 'AWS_ENDPOINT_URL_STS', value: `https://${STS_HOST}` },
      { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/sts/ca.crt' },
    ],
    volumeMounts: [{ name: 'sts-ca', mountPath: '/etc/sts', readOnly: true }],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', annotations: { 'lanyard.dev/inject': 'true', ...annotations } },
    spec: {
      serviceAccountName,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [container],
      volumes: [{ name: 'sts-ca', configMap: { name: 'sts-ca' } }],
    },
  }
}

test('what is public is what setup wrote: the two documents, and no more', async () => {
  const files = (await must('find', [site, '-type', 'f', '-printf', '%P\n'])).trim().split('\n').sort()
  expect(files).toEqual(['clusters/shop/.well-known/openid-configuration', 'clusters/shop/openid/v1/jwks'])
  expect(await kubectl(['get', '--raw', '/openid/v1/jwks'])).toContain('"keys"')
})
