/** A cluster of its own, whose issuer is one that an operator has made, and what stands for the internet and AWS there. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import process from 'node:process'
import { parse, stringify } from 'yaml'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { apply, get, kubectl, rolledOut, waitFor } from './kubectl.ts'
import { say } from './progress.ts'
import { ACCOUNT, told } from './settings.ts'
import { must, type Ran, run } from './shell.ts'
import { namespace } from './sts.ts'

const NAME = 'lanyard-e2e-setup'
const PUBLIC = 'public'

/** The product's command as an operator calls it, with the cluster that KUBECONFIG names. */
export const lanyard = (...args: readonly string[]): Promise<Ran> => run(process.execPath, ['cmd/lanyard.ts', ...args])

/** What a command printed that must succeed. */
export async function printed(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lanyard(...args)
  if (code !== 0) throw new Error(`lanyard ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** An empty cluster by such a configuration of kind's, with the images; from now on KUBECONFIG names it. */
export async function createCluster(config: string, folder: string): Promise<void> {
  const { KIND_NODE_IMAGE: image, KIND_CONFIG: machine } = process.env
  const file = join(folder, 'kind.yaml')
  // What this machine needs of its nodes comes first: the printed configuration says nothing of nodes.
  writeFileSync(
    file,
    stringify({ ...(machine !== undefined && parse(readFileSync(machine, 'utf8'))), ...parse(config) }),
  )
  await deleteCluster()
  say(`cluster: kind, one more, whose issuer is its operator's`)
  const kubeconfig = join(folder, 'kubeconfig')
  const options = ['--config', file, ...(image === undefined ? [] : ['--image', image])]
  const create = ['create', 'cluster', '--name', NAME, '--kubeconfig', kubeconfig, '--wait', '120s', ...options]
  await must('kind', create, { timeout: 600_000 })
  process.env['KUBECONFIG'] = kubeconfig
  await rolledOut('deployment/coredns', 'kube-system')
  await waitFor('the default service account', () => kubectl(['get', 'serviceaccount', 'default', '-n', 'default']))
  const { product, testbed } = told().images
  await must('kind', ['load', 'docker-image', '--name', NAME, product, testbed], { timeout: 300_000 })
}

export const deleteCluster = (): Promise<Ran> => run('kind', ['delete', 'cluster', '--name', NAME])

type Authority = Awaited<ReturnType<typeof createCertificateAuthority>>
export const createAuthority = (): Promise<Authority> => createCertificateAuthority({ name: 'e2e', now: Date.now })

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile())

/** Serves a folder as it is, as any web server would: by https, for everybody, and nothing else. */
const SERVER = `
const { createServer } = require('node:https'); const { readFileSync } = require('node:fs')
const tls = { cert: readFileSync('/tls/tls.crt'), key: readFileSync('/tls/tls.key') }
const files = JSON.parse(readFileSync('/site/site.json', 'utf8'))
process.on('SIGTERM', () => process.exit(0))
createServer(tls, ({ method, url }, response) => {
  const found = method === 'GET' && Object.hasOwn(files, url)
  response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? files[url] : '{}')
}).listen(8443)
`

/** Publishes the folder at that host; answers the address of what serves it, since no DNS knows the host. */
export async function publish(folder: string, host: string, authority: Authority): Promise<string> {
  const site = Object.fromEntries(
    filesBelow(folder).map((path) => [`/${relative('.', path)}`, readFileSync(join(folder, path), 'utf8')]),
  )
  const { cert, key } = await authority.issue([host])
  const data = { 'site.json': JSON.stringify(site), 'tls.crt': cert, 'tls.key': key }
  const mounts = [
    { name: 'files', mountPath: '/tls' },
    { name: 'files', mountPath: '/site' },
  ]
  await apply([
    namespace(PUBLIC),
    ...serverObjects('site', data, { command: ['/nodejs/bin/node', '-e', SERVER], mounts }),
  ])
  await rolledOut('deployment/site', PUBLIC)
  return (await get('service', 'site', PUBLIC))['spec'].clusterIP
}

/** IAM's OIDC provider and role, as an account has them. */
export type Account = {
  readonly provider: { readonly Url: string; readonly ClientIDList: readonly string[] }
  readonly role: { readonly RoleName: string; readonly AssumeRolePolicyDocument: string }
}

export const STS_HOST = `sts.${PUBLIC}.svc`

/** The strict STS of the testbed, with an account that has these and nothing else. */
export async function startAws({ provider, role }: Account, site: { host: string; ip: string }, authority: Authority) {
  const { cert, key } = await authority.issue([STS_HOST])
  const config = {
    accountId: ACCOUNT,
    certFile: '/etc/sts/tls.crt',
    keyFile: '/etc/sts/tls.key',
    providers: [{ url: provider.Url, clientIds: provider.ClientIDList, caFile: '/etc/sts/ca.crt' }],
    roles: [{ name: role.RoleName, trustPolicy: JSON.parse(role.AssumeRolePolicyDocument) }],
  }
  const data = { 'config.json': JSON.stringify(config), 'tls.crt': cert, 'tls.key': key, 'ca.crt': authority.pem }
  const hostAliases = [{ ip: site.ip, hostnames: [site.host] }]
  const args = ['--config', '/etc/sts/config.json']
  const mounts = [{ name: 'files', mountPath: '/etc/sts' }]
  await apply(serverObjects('sts', data, { args, mounts, hostAliases }))
  await rolledOut('deployment/sts', PUBLIC)
}

type Server = {
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly mounts: readonly object[]
  readonly hostAliases?: readonly object[]
}

function serverObjects(name: string, data: Readonly<Record<string, string>>, server: Server): readonly object[] {
  const { mounts, hostAliases = [], ...program } = server
  const metadata = { name, namespace: PUBLIC }
  const labels = { app: name }
  const container = {
    name,
    image: told().images.testbed,
    imagePullPolicy: 'IfNotPresent',
    ...program,
    readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
    volumeMounts: mounts,
  }
  const spec = {
    terminationGracePeriodSeconds: 1,
    hostAliases,
    containers: [container],
    volumes: [{ name: 'files', secret: { secretName: name } }],
  }
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: 443, targetPort: 8443 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ]
}
