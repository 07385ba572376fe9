import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { createCertificateAuthority } from '../../src/testbed/index.ts'
import { imageEnv } from '../support/image.ts'

export type Webhook = {
  readonly name: string
  /** ServiceAccounts with a role. */
  readonly annotated: readonly string[]
  /** From the start of the process to its readiness, in milliseconds. */
  readonly ready: number
  /** Sends a review and gives its milliseconds. Throws where the answer is no admission. */
  readonly review: (body: string) => Promise<number>
  /** What the process has for itself alone, in MiB. */
  readonly privateMemory: () => number
  readonly stop: () => Promise<void>
}
type Start = {
  readonly folder: string
  readonly name: string
  readonly kubeconfig: string
  readonly annotated: readonly string[]
}

/** As in the chart's container. */
const ARGV = ['--disable-sigusr1', '--no-concurrent-recompilation', '--max-semi-space-size=4']

/** The bundle of the image, reading from that cluster, until it is ready. */
export async function startWebhook({ folder, name, kubeconfig, annotated }: Start): Promise<Webhook> {
  const authority = await createCertificateAuthority({ name: 'webhook', now: Date.now })
  const pair = await authority.issue(['127.0.0.1'])
  const file = (suffix: string, text: string): string => {
    writeFileSync(join(folder, `${name}.${suffix}`), text)
    return join(folder, `${name}.${suffix}`)
  }
  const [port, metricsPort] = [await freePort(), await freePort()]
  const config = {
    log: { level: 'warn' },
    webhook: { address: '127.0.0.1', port, metricsPort, drain: '0s' },
    tls: { certFile: file('crt', pair.cert), keyFile: file('key', pair.key) },
    sidecar: { image: 'lanyard:bench' },
    aws: { region: 'eu-west-1' },
  }
  const began = performance.now()
  const child = spawn(
    process.execPath,
    [...ARGV, join(folder, 'webhook.cjs'), '--config', file('yaml', JSON.stringify(config))],
    {
      env: { ...imageEnv(), KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  await untilReady(metricsPort)
  const ready = performance.now() - began
  const agent = new Agent({ keepAlive: true, maxSockets: 16, ca: authority.pem })
  return {
    name,
    annotated,
    ready,
    review: (body) => review({ port, agent, body }),
    privateMemory: () => privateMemoryOf(child.pid ?? 0),
    stop: async () => {
      agent.destroy()
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function untilReady(port: number): Promise<void> {
  const until = Date.now() + 60_000
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    if (Date.now() > until) throw new Error('the webhook is not ready within 60 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Private_Dirty of smaps_rollup: what each further process costs. */
function privateMemoryOf(pid: number): number {
  const kilobytes = /^Private_Dirty:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

type Call = { readonly port: number; readonly agent: Agent; readonly body: string }

function review({ port, agent, body }: Call): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const options = { agent, method: 'POST', headers }
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const call = request(`https://127.0.0.1:${port}/mutate`, options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => {
        const took = performance.now() - began
        const { response: verdict } = JSON.parse(text)
        if (verdict?.allowed === true) resolve(took)
        else reject(new Error(`not admitted: ${text.slice(0, 300)}`))
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}
