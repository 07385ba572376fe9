/**
 * A stand-in of Amazon's EKS pod identity webhook, by what that is published to do with a pod: IRSA for ServiceAccounts
 * with a role in their annotations, EKS Pod Identity for those that have an association. This file is all that its pod
 * runs, so it imports nothing but Node's own.
 */
import { readFileSync } from 'node:fs'
import https from 'node:https'
import process from 'node:process'

export const EKS_WEBHOOK = {
  port: 8443,
  /** Where its certificate and key are. */
  files: '/etc/webhook',
  region: 'eu-west-1',
  /** Where EKS's own agent would be asked, on each node. */
  agent: 'http://169.254.170.23/v1/credentials',
} as const

type Variable = { readonly name: string; readonly value?: string }
type Container = {
  readonly name: string
  readonly env?: Variable[]
  readonly volumeMounts?: { readonly name: string }[]
}
type Pod = {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: {
    readonly serviceAccountName?: string
    readonly containers: Container[]
    readonly initContainers?: Container[]
    readonly volumes?: { readonly name: string }[]
  }
}
type Operation = { readonly op: 'add'; readonly path: string; readonly value: unknown }

/** What an identity comes to in a pod. */
type Way = {
  readonly volume: string
  readonly path: string
  readonly audience: string
  readonly file: string
  readonly env: readonly Variable[]
}

const irsa = (roleArn: string): Way => {
  const path = '/var/run/secrets/eks.amazonaws.com/serviceaccount'
  const env = [
    { name: 'AWS_ROLE_ARN', value: roleArn },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${path}/token` },
  ]
  return { volume: 'aws-iam-token', path, audience: 'sts.amazonaws.com', file: 'token', env }
}

const podIdentity = (): Way => {
  const path = '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount'
  const volume = 'eks-pod-identity-token'
  const env = [
    { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: EKS_WEBHOOK.agent },
    { name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', value: `${path}/${volume}` },
  ]
  return { volume, path, audience: 'pods.eks.amazonaws.com', file: volume, env }
}

/** An association comes before a role by annotation. */
export function eksPatchOf(pod: Pod, roleArn: string | undefined, isAssociated: boolean): readonly Operation[] {
  if (!isAssociated && roleArn === undefined) return []
  const way = isAssociated ? podIdentity() : irsa(roleArn ?? '')
  const { spec, metadata = {} } = pod
  const skipped = new Set((metadata.annotations?.['eks.amazonaws.com/skip-containers'] ?? '').split(','))
  const changed = (containers: Container[]): Container[] =>
    containers.map((container) => (skipped.has(container.name) ? container : withWay(container, way)))
  // Lists are written anew as a whole, the sidecar of others included.
  return [
    ...(isAssociated ? labelled(metadata.labels) : []),
    ...volumePatch(spec.volumes, way),
    { op: 'add', path: '/spec/containers', value: changed(spec.containers) },
    ...(spec.initContainers === undefined
      ? []
      : [{ op: 'add', path: '/spec/initContainers', value: changed(spec.initContainers) } as const]),
  ]
}

function withWay(container: Container, way: Way): Container {
  const { env = [], volumeMounts = [] } = container
  const region = ['AWS_DEFAULT_REGION', 'AWS_REGION'].map((name) => ({ name, value: EKS_WEBHOOK.region }))
  const mount = { name: way.volume, readOnly: true, mountPath: way.path }
  return {
    ...container,
    env: [...env, ...unlessThere(env, region), ...unlessThere(env, way.env)],
    volumeMounts: volumeMounts.some(({ name }) => name === way.volume) ? volumeMounts : [...volumeMounts, mount],
  }
}

/** One of a group that is there already keeps the whole group out. */
const unlessThere = (env: readonly Variable[], group: readonly Variable[]): readonly Variable[] =>
  group.some(({ name }) => env.some((variable) => variable.name === name)) ? [] : group

function labelled(labels: Readonly<Record<string, string>> | undefined): readonly Operation[] {
  if (labels === undefined)
    return [{ op: 'add', path: '/metadata/labels', value: { 'eks.amazonaws.com/pod-identity': 'enabled' } }]
  return [{ op: 'add', path: '/metadata/labels/eks.amazonaws.com~1pod-identity', value: 'enabled' }]
}

function volumePatch(volumes: readonly { readonly name: string }[] | undefined, way: Way): readonly Operation[] {
  if (volumes?.some(({ name }) => name === way.volume)) return []
  const serviceAccountToken = { audience: way.audience, expirationSeconds: 86_400, path: way.file }
  const volume = { name: way.volume, projected: { sources: [{ serviceAccountToken }] } }
  if (volumes === undefined) return [{ op: 'add', path: '/spec/volumes', value: [volume] }]
  return [{ op: 'add', path: '/spec/volumes/0', value: volume }]
}

// What follows runs in the cluster.

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

function textOf(options: https.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(options, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => resolve(Buffer.concat(parts).toString()))
    })
    request.on('error', reject)
  })
}

/** The role that a ServiceAccount says. */
async function roleOf(namespace: string, name: string): Promise<string | undefined> {
  const text = await textOf({
    host: 'kubernetes.default.svc',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`,
    ca: readFileSync(`${ACCOUNT}/ca.crt`),
    headers: { authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, 'utf8')}` },
  })
  return JSON.parse(text).metadata?.annotations?.['eks.amazonaws.com/role-arn']
}

async function review(body: string, associations: readonly string[]): Promise<string> {
  const { apiVersion, kind, request } = JSON.parse(body)
  const pod: Pod = request.object
  const account = pod.spec.serviceAccountName ?? 'default'
  const isAssociated = associations.includes(`${request.namespace}/${account}`)
  const patch = eksPatchOf(pod, await roleOf(request.namespace, account), isAssociated)
  const patched = { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
  const response = { uid: request.uid, allowed: true, ...(patch.length > 0 && patched) }
  return JSON.stringify({ apiVersion, kind, response })
}

/** Serves until it is ended. `ASSOCIATIONS` is a JSON list of NAMESPACE/SERVICEACCOUNT. */
function serve(): void {
  const associations: readonly string[] = JSON.parse(process.env['ASSOCIATIONS'] ?? '[]')
  const read = (name: string): Buffer => readFileSync(`${EKS_WEBHOOK.files}/${name}`)
  const server = https.createServer({ cert: read('tls.crt'), key: read('tls.key') }, async (request, response) => {
    if (request.method === 'GET') return response.end('ok')
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    response.setHeader('content-type', 'application/json')
    return response.end(await review(Buffer.concat(parts).toString(), associations))
  })
  server.listen(EKS_WEBHOOK.port)
  process.on('SIGTERM', () => process.exit(0))
}

if (import.meta.main) serve()
