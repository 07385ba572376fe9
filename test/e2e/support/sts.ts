/** The in-cluster STS: the testbed's, configured with the cluster's own issuer, and each with controls of its own. */
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { federatedRoles, idpObjects, oidcProvider } from './idps.ts'
import { apply, kubectl, raw, rolledOut, tryKubectl } from './kubectl.ts'
import { say } from './progress.ts'
import { ACCOUNT, type Images, NAMESPACE, DOUBLES as WHERE } from './settings.ts'

/** `sts` stays up; suites that take STS away, or let it fail, have one of their own. */
export const STS = ['sts', 'sts-flaky', 'sts-outage'] as const
export type StsName = (typeof STS)[number]

export const endpointOf = (name: StsName): string => `https://${name}.${WHERE}.svc`
export const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`
/** The authority of every STS here: in this ConfigMap, key `ca.crt`, of Lanyard's namespace and of each test's. */
export const CA = { configMap: 'sts-ca', key: 'ca.crt' } as const

/** Roles for pods of the namespaces `e2e-*`, and of `shop` of the docs; `elsewhere` trusts nobody who is here. */
const roles = [
  { name: 'web', trust: ['e2e-*', 'shop'].map((namespace) => ({ namespace, serviceAccount: '*' })) },
  { name: 'worker', trust: [{ namespace: 'e2e-*', serviceAccount: '*' }] },
  { name: 'elsewhere', trust: [{ namespace: 'another', serviceAccount: 'nobody' }] },
]

/** Deploys every STS, and puts its authority where Lanyard's chart is told to find it. */
export async function deployDoubles({ testbed: image, idp }: Pick<Images, 'testbed' | 'idp'>): Promise<void> {
  const ca = await createCertificateAuthority({ name: 'e2e', now: Date.now })
  const { issuer } = JSON.parse(await raw('/.well-known/openid-configuration'))
  say(`sts: the issuer of tokens is ${issuer}`)
  await apply([namespace(WHERE), namespace(NAMESPACE, RESTRICTED)])
  await apply([caConfigMap(WHERE, ca.pem), caConfigMap(NAMESPACE, ca.pem)])
  const { objects, metadata } = await idpObjects(ca, idp, issuer)
  await apply([samlMetadata(metadata), ...objects])
  for (const name of STS) {
    const { cert, key } = await ca.issue([`${name}.${WHERE}.svc`, `${name}.${WHERE}.svc.cluster.local`])
    await apply(objectsOf({ name, image, issuer, cert, key, ca: ca.pem, metadata }))
  }
  await Promise.all([...STS, 'oidc', 'saml'].map((name) => rolledOut(`deployment/${name}`, WHERE)))
  say('sts and identity providers: up')
}

/** Pod Security at its strictest. */
export const RESTRICTED = {
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/enforce-version': 'latest',
}

export const namespace = (name: string, labels: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

const caConfigMap = (where: string, pem: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: CA.configMap, namespace: where },
  data: { [CA.key]: pem },
})

const SAML_METADATA = { configMap: 'saml-metadata', key: 'metadata.xml' } as const

const samlMetadata = (metadata: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: SAML_METADATA.configMap, namespace: WHERE },
  data: { [SAML_METADATA.key]: metadata },
})

/** Of the SAML identity provider here. */
export async function readSamlMetadata(): Promise<string> {
  const text = await kubectl(['get', 'configmap', SAML_METADATA.configMap, '-n', WHERE, '-o', 'json'])
  return JSON.parse(text).data[SAML_METADATA.key]
}

/** The authority of every STS here, as PEM. */
export async function authority(): Promise<string> {
  return JSON.parse(await kubectl(['get', 'configmap', CA.configMap, '-n', WHERE, '-o', 'json'])).data[CA.key]
}

/** The authority, for the apps of a test: their SDKs talk to STS too. */
export const copyAuthority = async (to: string): Promise<unknown> => apply([caConfigMap(to, await authority())])

type Parts = {
  readonly name: StsName
  readonly image: string
  readonly issuer: string
  readonly cert: string
  readonly key: string
  readonly ca: string
  readonly metadata: string
}

function objectsOf({ name, image, issuer, cert, key, ca, metadata: saml }: Parts): readonly object[] {
  const labels = { app: name }
  const metadata = { name, namespace: WHERE, labels }
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'
  const config = {
    accountId: ACCOUNT,
    port: 8443,
    controlPort: 8081,
    certFile: '/etc/sts/tls.crt',
    keyFile: '/etc/sts/tls.key',
    providers: [
      { url: issuer, clientIds: ['sts.amazonaws.com'], caFile: `${account}/ca.crt`, tokenFile: `${account}/token` },
      oidcProvider('/etc/sts/ca.crt'),
    ],
    samlProviders: [{ name: 'corporate', metadata: saml }],
    roles: [...roles, ...federatedRoles],
  }
  const container = {
    name: 'sts',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['--config', '/etc/sts/config.json'],
    ports: [{ containerPort: 8443 }, { containerPort: 8081 }],
    readinessProbe: { httpGet: { path: '/healthz', port: 8081 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'files', mountPath: '/etc/sts', readOnly: true }],
  }
  const spec = {
    terminationGracePeriodSeconds: 1,
    containers: [container],
    volumes: [{ name: 'files', secret: { secretName: name } }],
  }
  const ports = [
    { name: 'https', port: 443, targetPort: 8443 },
    { name: 'control', port: 8081, targetPort: 8081 },
  ]
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { 'config.json': JSON.stringify(config), 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    },
  ]
}

/** Takes an STS away: nothing listens there any more. */
export async function takeAway(name: StsName): Promise<void> {
  await kubectl(['scale', `deployment/${name}`, '-n', WHERE, '--replicas=0'])
  await kubectl(['wait', 'pod', '-n', WHERE, '-l', `app=${name}`, '--for=delete', '--timeout=60s'])
}

export async function bringBack(name: StsName): Promise<void> {
  await kubectl(['scale', `deployment/${name}`, '-n', WHERE, '--replicas=1'])
  await rolledOut(`deployment/${name}`, WHERE)
}

const control = (name: StsName, path: string): string =>
  `/api/v1/namespaces/${WHERE}/services/http:${name}:control/proxy${path}`

/** Sets a fault (`Fault` of the testbed) until it is cleared. */
export async function setFault(name: StsName, fault: object): Promise<void> {
  await kubectl(['create', '--raw', control(name, '/faults'), '-f', '-'], { input: JSON.stringify(fault) })
}

export async function clearFaults(name: StsName): Promise<void> {
  await tryKubectl(['create', '--raw', control(name, '/faults/clear'), '-f', '-'], { input: '{}' })
}
