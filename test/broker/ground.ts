import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { buildBundles, bundles } from '../../scripts/build/bundles.ts'
import {
  createCertificateAuthority,
  type Issuer,
  type RequestRecord,
  type Sts,
  startIssuer,
  startSts,
} from '../../src/testbed/index.ts'
import { freePort } from '../support/processes.ts'

export const ACCOUNT = '111122223333'
export const CLIENT = 'files-app'
export const NONCE = 'n-0S6_WzA2Mj'
export const ROLES = ['files', 'photos'] as const
export type RoleName = (typeof ROLES)[number]

/** An issuer of users and an AWS account that trusts it; `exchanges` is what STS was asked for and gave. */
export type Ground = {
  readonly issuer: Issuer
  readonly sts: Sts
  readonly ca: string
  readonly exchanges: RequestRecord[]
  /** The broker as the image has it. */
  readonly program: string
  stop(): Promise<void>
}

export async function openGround(): Promise<Ground> {
  const now = Date.now
  const ca = await createCertificateAuthority({ name: 'load', now })
  const issuer = await startIssuer({ ca, now })
  const name = issuer.url.replace('https://', '')
  const trustPolicy = {
    Statement: {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${name}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${name}:aud`]: CLIENT } },
    },
  } as const
  const exchanges: RequestRecord[] = []
  const sts = await startSts({
    ca,
    now,
    accountId: ACCOUNT,
    providers: [{ url: issuer.url, clientIds: [CLIENT], ca: ca.pem }],
    roles: ROLES.map((role) => ({ name: role, trustPolicy })),
    onRequest: (record) => void (record.action === 'AssumeRoleWithWebIdentity' && exchanges.push(record)),
  })
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-load-'))
  const remove = atExit(() => rmSync(folder, { recursive: true, force: true }))
  await buildBundles(
    process.cwd(),
    folder,
    bundles.filter((bundle) => bundle.name === 'broker.cjs'),
  )
  return {
    issuer,
    sts,
    ca: ca.pem,
    exchanges,
    program: join(folder, 'broker.cjs'),
    stop: async () => {
      await Promise.all([issuer.stop(), sts.stop()])
      remove()
    },
  }
}

/** However the run ends, nothing of it is left: keys of the run are in there. */
const ends = new Set<() => void>()
process.on('exit', () => {
  for (const end of ends) end()
})
function atExit(end: () => void): () => void {
  ends.add(end)
  return () => {
    ends.delete(end)
    end()
  }
}

export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly body: unknown }
export type RunningBroker = {
  ask(role: RoleName, token: string): Promise<Answer>
  /** A value of its metrics. */
  metric(name: string): Promise<number>
  /** What its process holds of memory, in MiB, now and at its worst. */
  memory(): { readonly now: number; readonly most: number }
  stop(): Promise<void>
}

/** The broker as a process of its own, as a pod has it. */
export async function startBroker(ground: Ground, settings: Readonly<Record<string, string>>): Promise<RunningBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-load-'))
  const ports = { port: await freePort(), metrics: await freePort() }
  const child = spawn(process.execPath, [ground.program], {
    env: { ...variables(ground, directory, ports), ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const remove = atExit(() => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  await started(child)
  const token = readFileSync(join(directory, 'app', 'token'), 'utf8')
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  return {
    ask: (role, login) => ask(agent, ports.port, token, { provider: 'login', role, token: login, nonce: NONCE }),
    metric: async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text()
      return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1])
    },
    memory: () => memoryOf(child),
    stop: async () => {
      agent.destroy()
      child.kill('SIGTERM')
      await ended
      remove()
    },
  }
}

type Ports = { readonly port: number; readonly metrics: number }

function variables({ issuer, sts, ca }: Ground, directory: string, { port, metrics }: Ports): Record<string, string> {
  const role = (name: string) => ({
    kind: 'role',
    namespaces: 'shop',
    providers: 'login',
    roleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    sessionPolicy:
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::f/{user}/*"}]}',
  })
  return {
    LANYARD_POD_NAMESPACE: 'shop',
    LANYARD_BROKER_PORT: String(port),
    LANYARD_BROKER_METRICS_PORT: String(metrics),
    LANYARD_BROKER_CONTAINERS: 'app',
    LANYARD_BROKER_TOKENS_DIRECTORY: directory,
    LANYARD_BROKER_PROVIDERS: JSON.stringify({ login: { kind: 'oidc', issuer: issuer.url, clientIds: CLIENT, ca } }),
    LANYARD_BROKER_ROLES: JSON.stringify(Object.fromEntries(ROLES.map((name) => [name, role(name)]))),
    LANYARD_STS_REGION: 'eu-west-1',
    LANYARD_STS_ENDPOINT: sts.url,
    LANYARD_STS_CA: ca,
    LANYARD_TERMINATION_LOG: join(directory, 'termination-log'),
  }
}

/** Resolves once it says at level info that it has started; rejects with what it said, if it ends before. */
function started(child: ChildProcess): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.once('close', () => reject(new Error(`the broker ended: ${said}`)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 10_000) said += text
      if (said.includes('"msg":"broker started"')) resolve()
    })
  })
}

function memoryOf({ pid }: ChildProcess): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024)
  return { now: of('VmRSS'), most: of('VmHWM') }
}

function ask(agent: Agent, port: number, authorization: string, asked: object): Promise<Answer> {
  const body = JSON.stringify(asked)
  const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, host: '127.0.0.1', port, path: '/v1/user-credentials', method: 'POST', headers },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('error', reject)
        const { statusCode: status = 0 } = response
        response.on('end', () =>
          resolve({ status, retryAfter: response.headers['retry-after'], body: JSON.parse(text) }),
        )
      },
    )
    outgoing.on('error', reject).end(body)
  })
}
