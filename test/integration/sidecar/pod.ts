import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import process from 'node:process'
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type Issuer,
  type RequestRecord,
  type Sts,
  startIssuer,
  startSts,
  trustPolicy,
} from '../../../src/testbed/index.ts'
import { type AtEnd, type Finished, finish, freePort, type Running, scratch, start } from '../../support/processes.ts'

/**
 * The sidecar that is tested, by its path from `cmd`; by the variable, a bundle of it, which must not miss what it was left
 * without, or `demoSlim.ts`.
 */
export const PROGRAM = process.env['LANYARD_TEST_SIDECAR'] ?? 'demoSidecar.ts'

export const ACTION = 'AssumeRoleWithWebIdentity'
export const AUDIENCE = 'sts.amazonaws.com'
const ACCOUNT = '111122223333'

/** A cluster's issuer, and AWS accounts that trust it. */
export type World = {
  readonly ca: CertificateAuthority
  readonly issuer: Issuer
  readonly startSts: (options?: { readonly port?: number; readonly trusted?: string }) => Promise<Sts>
  readonly trust: (serviceAccount: string) => ReturnType<typeof trustPolicy>
  readonly token: (request?: { audience?: string; expiresIn?: number }) => Promise<string>
  readonly stop: () => Promise<void>
}

export async function startWorld(): Promise<World> {
  const now = Date.now
  const ca = await createCertificateAuthority({ name: 'testbed', now })
  const issuer = await startIssuer({ ca, now })
  const running: Sts[] = []
  const trust = (serviceAccount: string) =>
    trustPolicy({ issuer: issuer.url, accountId: ACCOUNT, namespace: 'shop', serviceAccount })
  return {
    ca,
    issuer,
    trust,
    startSts: async ({ port = 0, trusted = 'web' } = {}) => {
      const sts = await startSts({
        ca,
        now,
        port,
        accountId: ACCOUNT,
        providers: [{ url: issuer.url, clientIds: [AUDIENCE], ca: ca.pem }],
        roles: ['web', 'other'].map((name) => ({ name, trustPolicy: trust(trusted) })),
      })
      running.push(sts)
      return sts
    },
    token: ({ audience = AUDIENCE, expiresIn = 86_400 } = {}) =>
      issuer.serviceAccountToken({ namespace: 'shop', serviceAccount: 'web', pod: 'web-0', audience, expiresIn }),
    stop: async () => {
      await Promise.all(running.map((sts) => sts.stop()))
      await issuer.stop()
    },
  }
}

export type Answer = { readonly status: number; readonly text: string }
export type Credentials = {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly Token: string
  readonly Expiration: string
}
type Env = Readonly<Record<string, string | undefined>>

/** What a kubelet keeps for a pod's sidecar: its variables, its volumes, its ports. */
export type Pod = {
  readonly env: Readonly<Record<string, string>>
  readonly ports: { readonly credentials: number; readonly metrics: number }
  readonly directory: string
  readonly path: (...parts: readonly string[]) => string
  readonly read: (...parts: readonly string[]) => string
  readonly identity: (text: string | undefined) => void
  readonly sidecar: (changes?: Env) => Running
  /** The start gate's wait program. */
  readonly wait: (seconds: string) => Promise<Finished>
  readonly get: (port: number, path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  /** One request as an SDK makes it. */
  readonly ask: () => Promise<Answer>
  readonly credentials: () => Promise<Credentials>
  /** Resolves when the start gate is open. */
  readonly opened: () => Promise<Answer>
}

export type PodOptions = {
  readonly world: Pick<World, 'ca' | 'token'>
  readonly endpoint: string
  readonly env?: Env
  readonly atEnd?: AtEnd
}

export async function createPod({ world, endpoint, env: more = {}, atEnd }: PodOptions): Promise<Pod> {
  const directory = scratch(atEnd)
  const path = (...parts: readonly string[]): string => join(directory, ...parts)
  for (const name of ['identity', 'endpoint', 'state']) mkdirSync(path(name))
  const ports = { credentials: await freePort(), metrics: await freePort() }
  const env = defined({ ...variables(directory, ports), LANYARD_STS_ENDPOINT: endpoint, ...more })
  const caEnv = { LANYARD_STS_CA: world.ca.pem }
  const identity = (text: string | undefined): void => {
    rmSync(path('identity', 'token'), { force: true })
    if (text !== undefined) writeFileSync(path('identity', 'token'), text)
  }
  identity(await world.token())
  const end = atEnd === undefined ? {} : { atEnd }
  const read = (...parts: readonly string[]): string => readFileSync(path(...parts), 'utf8')
  const ask = (): Promise<Answer> =>
    get(ports.credentials, '/v1/credentials', { Authorization: read('endpoint', 'app', 'token') })
  return {
    env: { ...caEnv, ...env },
    ports,
    directory,
    path,
    read,
    identity,
    sidecar: (changes = {}) =>
      start({ program: PROGRAM, env: defined({ ...caEnv, ...env, ...changes }), ipc: true, ...end }),
    wait: (seconds) => finish({ program: 'wait.ts', env: { ...env, LANYARD_START_GATE_SECONDS: seconds }, ...end }),
    get,
    ask,
    credentials: async () => {
      const { status, text } = await ask()
      if (status !== 200) throw new Error(`${status}: ${text}`)
      return JSON.parse(text)
    },
    opened: () => get(ports.metrics, '/startupz?wait=60'),
  }
}

const variables = (directory: string, ports: Pod['ports']): Record<string, string> => ({
  LANYARD_ROLE_ARN: `arn:aws:iam::${ACCOUNT}:role/web`,
  LANYARD_CONTAINERS: 'app',
  LANYARD_AUDIENCE: AUDIENCE,
  LANYARD_SESSION_DURATION: '1h',
  LANYARD_SESSION_NAME: '{namespace}.{serviceaccount}.{pod}',
  LANYARD_REGION: 'eu-west-1',
  LANYARD_CREDENTIALS_PORT: String(ports.credentials),
  LANYARD_METRICS_PORT: String(ports.metrics),
  LANYARD_POD_NAME: 'web-0',
  LANYARD_POD_NAMESPACE: 'shop',
  LANYARD_POD_UID: '3f8f9a52-0000-4000-8000-000000000000',
  LANYARD_POD_SERVICE_ACCOUNT: 'web',
  LANYARD_IDENTITY_TOKEN_FILE: join(directory, 'identity', 'token'),
  LANYARD_ENDPOINT_TOKENS_DIRECTORY: join(directory, 'endpoint'),
  LANYARD_STATE_DIRECTORY: join(directory, 'state'),
  LANYARD_TERMINATION_LOG: join(directory, 'termination-log'),
})

/** Without those that are to be absent. */
export const defined = (env: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))

export function get(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return send({ port, path, headers })
}

type Request = {
  readonly port: number
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request on a connection of its own. */
export function send({ port, path, method = 'GET', headers = {}, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    outgoing.on('error', reject).end(body)
  })
}

/** As long as it takes for the sidecar to turn to STS, somebody asks the endpoint again and again. */
export async function askUntil<T>(pod: Pod, event: Promise<T>): Promise<{ readonly event: T; readonly last: Answer }> {
  let happened = false
  const noticed = event.then((value) => {
    happened = true
    return value
  })
  // Whatever message was sent to the process before has probably been read when this is answered.
  await pod.get(pod.ports.metrics, '/healthz')
  let last: Answer | undefined
  while (!happened || last === undefined) last = await pod.ask()
  return { event: await noticed, last }
}

/** The same without waiting for the answers. */
export async function nudge(pod: Pod, event: Promise<unknown>): Promise<void> {
  let happened = false
  const noticed = event.then(() => {
    happened = true
  })
  await pod.get(pod.ports.metrics, '/healthz')
  while (!happened) await Promise.race([noticed, pod.ask().catch(() => undefined)])
}

/** The attempts at STS so far. */
export const attempts = (sts: Sts): readonly RequestRecord[] => sts.requests.filter(({ action }) => action === ACTION)
