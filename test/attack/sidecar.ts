import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { SIDECAR_COMMAND } from '../../src/injection/layout.ts'
import type { Protocol } from '../conformance/client.ts'
import { createPod, type Pod, type World } from '../integration/sidecar/pod.ts'
import { imageEnv } from '../support/image.ts'
import type { AtEnd } from '../support/processes.ts'
import type { Target } from './attack.ts'

/** A sidecar as the image has it, in a process of its own, with credentials. */
export type Sidecar = {
  readonly target: Target
  /** What an app of the pod is told. */
  readonly appEnv: Readonly<Record<string, string>>
  /** Of the pod. */
  readonly folder: string
  /** What the process has for itself alone, in MiB. */
  readonly memory: () => number
  readonly ended: () => boolean
  /** All that it said. */
  readonly log: () => string
  /** What it must never say, but for the session tokens that it hands out. */
  readonly secrets: () => readonly string[]
}

export type Start = {
  readonly world: World
  readonly sts: string
  readonly bundle: string
  readonly protocol: Protocol
  readonly atEnd: AtEnd
}

const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`

const roles: Readonly<Record<Protocol, Readonly<Record<string, string | undefined>>>> = {
  container: {
    LANYARD_ROLE_ARN: undefined,
    LANYARD_CONTAINERS: undefined,
    LANYARD_CONTAINER_ROLES: `app=${role('web')} worker=${role('other')}`,
  },
  imds: { LANYARD_PROTOCOL: 'imds' },
}

/** What V8 takes for its limit by itself where the container's is 128 MiB, as the sidecar's is. */
const HEAP_LIMIT = '--max-old-space-size=256'

/** `target.proof` of IMDS is empty: a session token is yet to be asked for. */
export async function startSidecar({ world, sts, bundle, protocol, atEnd }: Start): Promise<Sidecar> {
  const pod = await createPod({ world, endpoint: sts, env: roles[protocol], atEnd })
  const flags = [...SIDECAR_COMMAND.slice(1, -1), HEAP_LIMIT]
  const child = spawn(process.execPath, [...flags, bundle], {
    env: { ...pod.env, ...imageEnv() },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  atEnd(() => void child.kill('SIGKILL'))
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  while (!log.includes('"msg":"sidecar started"')) {
    const [ended] = await Promise.race([
      once(child.stderr, 'data').then(() => [false]),
      once(child, 'exit').then(() => [true]),
    ])
    if (ended) throw new Error(`the sidecar of ${protocol} ended: ${log}`)
  }
  await pod.opened()
  const tokens = protocol === 'container' ? ['app', 'worker'].map((name) => pod.read('endpoint', name, 'token')) : []
  return {
    target: targetOf(protocol, pod, tokens),
    appEnv: appEnvOf(protocol, pod),
    folder: pod.directory,
    memory: () => privateMemoryOf(child.pid ?? 0),
    ended: () => child.exitCode !== null || child.signalCode !== null,
    log: () => log,
    secrets: () => [
      ...tokens,
      ...sessionSecrets(pod),
      ...(protocol === 'imds' ? [imdsKey(pod)] : []),
      pod.read('identity', 'token'),
    ],
  }
}

const targetOf = (protocol: Protocol, { ports }: Pod, [token = '', other = '']: readonly string[]): Target => ({
  protocol,
  port: ports.credentials,
  metricsPort: ports.metrics,
  ...(protocol === 'container'
    ? { path: '/v1/credentials', proof: { name: 'Authorization', token }, other }
    : {
        path: '/latest/meta-data/iam/security-credentials/web',
        proof: { name: 'X-aws-ec2-metadata-token', token: '' },
      }),
})

function appEnvOf(protocol: Protocol, { ports, path }: Pod): Readonly<Record<string, string>> {
  const url = `http://127.0.0.1:${ports.credentials}`
  if (protocol === 'imds') return { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/`, AWS_METADATA_ENDPOINT: url }
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path('endpoint', 'app', 'token'),
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

/** What the sidecar keeps over a restart holds its credentials. */
function sessionSecrets(pod: Pod): readonly string[] {
  const text = readFileSync(join(pod.directory, 'state', 'state.json'), 'utf8')
  const secrets = [...text.matchAll(/"(?:secretAccessKey|sessionToken)":"([^"]+)"/g)].map(([, secret = '']) => secret)
  if (secrets.length === 0) throw new Error('there is no secret in state.json to look for')
  return secrets
}

/** What its session tokens are vouched for with. */
function imdsKey(pod: Pod): string {
  const key: unknown = JSON.parse(pod.read('state', 'imds-key.json'))
  if (typeof key !== 'string' || key === '') throw new Error('there is no key in imds-key.json to look for')
  return key
}

/** Private_Dirty of smaps_rollup: what each further process costs. Throws when the process has ended. */
function privateMemoryOf(pid: number): number {
  const kilobytes = /^Private_Dirty:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  if (kilobytes === undefined) throw new Error(`there is no Private_Dirty in the smaps_rollup of process ${pid}`)
  return Number(kilobytes) / 1024
}
