/** Lanyard on a real cluster, by its chart as an operator installs it, and an STS there; no more than a pod's start needs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { type Cluster, loadImage, openCluster } from '../../e2e/support/cluster.ts'
import { apply, raw, rolledOut, tryKubectl } from '../../e2e/support/kubectl.ts'
import { ensureInstalled } from '../../e2e/support/lanyard.ts'
import { ACCOUNT, DOUBLES, NAMESPACE, tell } from '../../e2e/support/settings.ts'
import { CA, namespace, RESTRICTED } from '../../e2e/support/sts.ts'
import type { Ground } from '../bench.ts'
import { buildTarget } from '../image/docker.ts'

/** Where the pods are that are measured; the STS trusts this namespace alone. */
export const WHERE = 'bench-pod-start'
export const IMAGES = { product: 'lanyard:bench', testbed: 'lanyard-testbed:bench' } as const
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/web`

/** Builds both images, loads them, and has an STS and Lanyard up; all of it is gone in the end. */
export async function openWorld({ atEnd, say }: Pick<Ground, 'atEnd' | 'say'>): Promise<void> {
  const cluster = await openCluster()
  atEnd(cluster.cleanUp)
  atEnd(() => tryKubectl(['delete', 'namespace', WHERE, '--ignore-not-found', '--timeout=60s']))
  // Whatever else runs in this process reads that one.
  process.env['KUBECONFIG'] = cluster.kubeconfig
  say('images')
  for (const [target, image] of Object.entries(IMAGES)) await bring(cluster, target, image)
  say('the STS, and Lanyard by its chart')
  await deploySts()
  const artifacts = mkdtempSync(join(tmpdir(), 'lanyard-bench-'))
  atEnd(() => rmSync(artifacts, { recursive: true, force: true }))
  // Neither an earlier version nor other images are installed here.
  const images = { ...IMAGES, previous: '', client: '', prometheus: '', idp: '' }
  const charts = { current: join(process.cwd(), 'charts/lanyard'), previous: '' }
  Object.assign(process.env, tell({ images, charts, artifacts, load: cluster.load }))
  await ensureInstalled()
  await apply([namespace(WHERE, RESTRICTED)])
}

async function bring(cluster: Cluster, target: string, image: string): Promise<void> {
  await buildTarget(target, image)
  await loadImage(cluster, image)
}

async function deploySts(): Promise<void> {
  const ca = await createCertificateAuthority({ name: 'bench', now: Date.now })
  const { issuer } = JSON.parse(await raw('/.well-known/openid-configuration')) as { readonly issuer: string }
  await apply([namespace(DOUBLES), namespace(NAMESPACE, RESTRICTED)])
  await apply([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: CA.configMap, namespace: NAMESPACE },
      data: { [CA.key]: ca.pem },
    },
  ])
  await apply(stsObjects(issuer, await ca.issue([`sts.${DOUBLES}.svc`])))
  await rolledOut('deployment/sts', DOUBLES)
}

function stsObjects(issuer: string, { cert, key }: { readonly cert: string; readonly key: string }): readonly object[] {
  const labels = { app: 'sts' }
  const metadata = { name: 'sts', namespace: DOUBLES, labels }
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'
  const provider = {
    url: issuer,
    clientIds: ['sts.amazonaws.com'],
    caFile: `${account}/ca.crt`,
    tokenFile: `${account}/token`,
  }
  const config = {
    accountId: ACCOUNT,
    port: 8443,
    controlPort: 8081,
    certFile: '/etc/sts/tls.crt',
    keyFile: '/etc/sts/tls.key',
    providers: [provider],
    roles: [{ name: 'web', trust: [{ namespace: WHERE, serviceAccount: '*' }] }],
  }
  const container = {
    name: 'sts',
    image: IMAGES.testbed,
    imagePullPolicy: 'IfNotPresent',
    args: ['--config', '/etc/sts/config.json'],
    readinessProbe: { httpGet: { path: '/healthz', port: 8081 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'files', mountPath: '/etc/sts', readOnly: true }],
  }
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [container],
    volumes: [{ name: 'files', secret: { secretName: 'sts' } }],
  }
  const stringData = { 'config.json': JSON.stringify(config), 'tls.crt': cert, 'tls.key': key }
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, stringData },
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
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ]
}
