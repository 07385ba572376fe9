import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { imageEnv } from '../../support/image.ts'
import { freePort } from '../../support/processes.ts'
import type { Ground } from '../bench.ts'
import type { Load } from '../support/load.ts'
import { launch, type Subject } from '../support/process.ts'
import type { BenchCluster } from './standIn.ts'

/** A server of reviews under measurement. */
export type Reviewer = {
  readonly subject: Subject
  /** Where it is asked, and what each of its answers holds. */
  readonly load: Pick<Load, 'port' | 'ca' | 'expect'>
  /** Milliseconds from its start until it took reviews. */
  readonly ready: number
  /** What connections to its port came to before that: anything but a refusal would be a way past it. */
  readonly early: readonly Early[]
}
type Early = 'refused' | 'open'

/** Of two processors the first: the load is on the other. */
const SERVER_CPU = 0
/** As in the chart's container. */
export const ARGV = ['--disable-sigusr1', '--no-concurrent-recompilation', '--max-semi-space-size=8'] as const

export type WebhookStart = {
  readonly cluster: BenchCluster
  /** Instead of the chart's flags. */
  readonly argv?: readonly string[]
  /** Instead of the image's bundle. */
  readonly program?: string
}

/** The image's bundle as its user runs it, reading from that cluster, until it is ready. */
export async function startWebhook(ground: Ground, start: WebhookStart): Promise<Reviewer> {
  const { cluster, argv = ARGV, program = join(ground.folder, 'product', 'app', 'webhook.cjs') } = start
  const { cert, key, ca } = await pairIn(ground)
  const [port, metricsPort] = [await freePort(), await freePort()]
  const config = join(ground.folder, `webhook-${port}.yaml`)
  const settings = {
    webhook: { address: '127.0.0.1', port, metricsPort, drain: '0s' },
    tls: { certFile: cert, keyFile: key },
    sidecar: { image: 'lanyard:bench' },
    aws: { region: 'eu-west-1' },
  }
  writeFileSync(config, JSON.stringify(settings))
  const subject = launch({
    argv: [...argv, program, '--config', config],
    env: { ...imageEnv(), KUBECONFIG: cluster.kubeconfig },
    cpu: SERVER_CPU,
    atEnd: ground.atEnd,
  })
  const { ready, early } = await untilReady(subject, { port, metricsPort })
  return { subject, ready, early, load: { port, ca, expect: '"patchType":"JSONPatch"' } }
}

/** The baseline: it parses and says yes, as its author would first write it. `patch` is the length of a patch in its answer. */
export async function startParser(ground: Ground, { patch = 0 } = {}): Promise<Reviewer> {
  const { cert, key, ca } = await pairIn(ground)
  const port = await freePort()
  const program = new URL('../baselines/parse.cjs', import.meta.url).pathname
  const env = { PORT: String(port), CERT: cert, KEY: key, PATCH: String(patch) }
  const subject = launch({ argv: [program], env, cpu: SERVER_CPU, atEnd: ground.atEnd })
  while ((await knock(port)) === 'refused') await alive(subject)
  return { subject, ready: performance.now() - subject.began, early: [], load: { port, ca, expect: '"allowed":true' } }
}

type Pair = { readonly cert: string; readonly key: string; readonly ca: string }
let made: { readonly folder: string; readonly pair: Promise<Pair> } | undefined

/** All have one certificate, so that its kind makes no difference. */
function pairIn({ folder }: Ground): Promise<Pair> {
  if (made?.folder !== folder) made = { folder, pair: makePair(folder) }
  return made.pair
}

async function makePair(folder: string): Promise<Pair> {
  const authority = await createCertificateAuthority({ name: 'webhook', now: Date.now })
  const { cert, key } = await authority.issue(['127.0.0.1', 'localhost'])
  const [certFile, keyFile] = [join(folder, 'bench.crt'), join(folder, 'bench.key')]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key)
  return { cert: certFile, key: keyFile, ca: authority.pem }
}

type Ports = { readonly port: number; readonly metricsPort: number }

/** Knocks at the port of reviews all the while. */
async function untilReady(subject: Subject, { port, metricsPort }: Ports): Promise<Pick<Reviewer, 'ready' | 'early'>> {
  const early: Early[] = []
  for (;;) {
    const door = await knock(port)
    const isReady = (await statusOf(metricsPort)) === 200
    if (isReady && door === 'open') return { ready: performance.now() - subject.began, early }
    // It may have become ready between the two questions.
    if (!isReady) early.push(door)
    await alive(subject)
  }
}

async function statusOf(metricsPort: number): Promise<number> {
  if ((await knock(metricsPort)) === 'refused') return 0
  const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`, { headers: { connection: 'close' } })
  return answer.status
}

function knock(port: number): Promise<Early> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy()
      resolve('open')
    })
    socket.once('error', () => resolve('refused'))
  })
}

async function alive({ child, said }: Subject): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`a server ended at its start: ${said()}`)
  await sleep(2)
}
