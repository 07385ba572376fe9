import { chownSync, existsSync } from 'node:fs'
import { get } from 'node:http'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Variant } from '../../../scripts/build/bundles.ts'
import { SIDECAR_COMMAND } from '../../../src/injection/layout.ts'
import { createPod, type Pod, type PodOptions } from '../../integration/sidecar/pod.ts'
import { imageEnv } from '../../support/image.ts'
import { type AtEnd, freePort } from '../../support/processes.ts'
import type { Load } from './load.ts'
import { launch, type Subject, user } from './process.ts'

const SERVER_CPU = 0

export type StartOptions = {
  readonly world: PodOptions['world']
  /** The URL of STS. */
  readonly sts: string
  /** Where the images' files are. */
  readonly folder: string
  /** Of which image; `product` where it is not said. */
  readonly variant?: Variant
  readonly atEnd: AtEnd
  /** The image's own where there is none. */
  readonly command?: readonly string[]
  /** Of the pod. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Of the image; its own where there is none. */
  readonly imageEnv?: Readonly<Record<string, string>>
  readonly ipc?: boolean
}

/** A server under measurement that answers one request, over and over. */
export type Serving = {
  readonly subject: Subject
  /** Milliseconds from its start to its first answer. */
  readonly start: number
  readonly load: Pick<Load, 'port' | 'request' | 'expect'>
}

/** A sidecar as the image has it and as its user runs it, once it has served credentials. */
export async function startSidecar(options: StartOptions): Promise<Serving & { readonly pod: Pod }> {
  const { world, sts, atEnd, env = {}, ipc = false } = options
  const pod = await createPod({ world, endpoint: sts, env, atEnd })
  if (user.uid !== undefined)
    for (const path of ['', 'endpoint', 'state', 'identity', 'identity/token'])
      chownSync(pod.path(path), user.uid, user.uid)
  const command = options.command ?? SIDECAR_COMMAND
  const argv = command.slice(1).map((part) => inFolder(options, part))
  const subject = launch({
    argv,
    env: { ...fromImage(options), ...pod.env },
    cpu: SERVER_CPU,
    ipc,
    atEnd,
  })
  const token = pod.path('endpoint', 'app', 'token')
  while (!existsSync(token)) await alive(subject)
  await answers(subject, pod.ports.credentials, pod.read('endpoint', 'app', 'token'))
  const start = performance.now() - subject.began
  const head = [
    'GET /v1/credentials HTTP/1.1',
    `Host: 127.0.0.1:${pod.ports.credentials}`,
    `Authorization: ${pod.read('endpoint', 'app', 'token')}`,
    'User-Agent: aws-sdk-go-v2/1.30.3 os/linux lang/go#1.26 md/GOOS#linux md/GOARCH#amd64',
    'Accept-Encoding: gzip',
  ]
  const request = `${head.join('\r\n')}\r\n\r\n`
  return { pod, subject, start, load: { port: pod.ports.credentials, request, expect: '"Code":"Success"' } }
}

/** What is in the image's `/app` is in the folder of what was built. */
const inFolder = ({ folder, variant = 'product' }: Pick<StartOptions, 'folder' | 'variant'>, path: string): string =>
  path.startsWith('/app/') ? join(folder, variant, path) : path

const fromImage = ({ imageEnv: given = imageEnv(), ...image }: StartOptions): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, inFolder(image, value)]))

/** The baseline: node:http with nothing in it, and without any lever; it answers what we answer. */
export async function startEmpty(body: string, request: string, atEnd: AtEnd): Promise<Serving> {
  const port = await freePort()
  const program = fileURLToPath(new URL('../baselines/http.cjs', import.meta.url))
  const subject = launch({ argv: [program], env: { PORT: String(port), BODY: body }, cpu: SERVER_CPU, atEnd })
  await answers(subject, port, '')
  return { subject, start: performance.now() - subject.began, load: { port, request, expect: body.slice(0, 20) } }
}

async function alive({ child, said }: Subject): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null)
    throw new Error(`a server ended at its start: ${said().slice(-1_000)}`)
  await sleep(1)
}

/** Returns once it listens and has answered; asks as often as every millisecond. */
async function answers(subject: Subject, port: number, authorization: string): Promise<void> {
  while (!(await listens(port))) await alive(subject)
  for (;;) {
    const status = await new Promise<number>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: '/v1/credentials', headers: { authorization }, agent: false }, (answer) => {
        answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
      }).on('error', reject)
    })
    if (status === 200) return
    if (status !== 503) throw new Error(`${status} in place of the first answer: ${subject.said()}`)
    await alive(subject)
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
