import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AtEnd, freePort, type Running, start } from '../support/processes.ts'
import { FAKETIME } from './tools.ts'

/** In the words of the operator's configuration. */
export type BrokerConfig = {
  readonly providers: Readonly<Record<string, object>>
  readonly roles: Readonly<Record<string, object>>
  readonly stsEndpoint: string
  readonly stsCa: string
}

export type Answer = { readonly status: number; readonly body: { readonly code?: string; readonly user?: string } }

/** The broker as a process of its own, as in the app's pod. */
export type Broker = {
  /** What the app's container is given. */
  readonly appEnv: Readonly<Record<string, string>>
  /** Starts it, after what ran before has ended; its clock may be ahead. */
  readonly start: (hoursAhead?: number) => Promise<void>
  readonly stop: () => Promise<void>
  /** As the app would: with the pod's token. */
  readonly ask: (request: object) => Promise<Answer>
  readonly log: () => string
}

const CONTAINER = 'app'
export const NAMESPACE = 'files'

export async function createBroker(
  options: BrokerConfig & { readonly dir: string; readonly atEnd: AtEnd },
): Promise<Broker> {
  const { dir, atEnd, stsEndpoint, stsCa } = options
  mkdirSync(dir, { recursive: true })
  const [port, metricsPort] = [await freePort(), await freePort()]
  const env = {
    LANYARD_POD_NAMESPACE: NAMESPACE,
    LANYARD_BROKER_PORT: String(port),
    LANYARD_BROKER_METRICS_PORT: String(metricsPort),
    LANYARD_BROKER_CONTAINERS: CONTAINER,
    LANYARD_BROKER_TOKENS_DIRECTORY: dir,
    LANYARD_BROKER_PROVIDERS: JSON.stringify(options.providers),
    LANYARD_BROKER_ROLES: JSON.stringify(options.roles),
    LANYARD_STS_REGION: 'us-east-1',
    LANYARD_STS_ENDPOINT: stsEndpoint,
    LANYARD_STS_CA: stsCa,
    LANYARD_TERMINATION_LOG: join(dir, 'termination-log'),
  }
  const running: Running[] = []
  const tokenFile = join(dir, CONTAINER, 'token')
  const url = `http://127.0.0.1:${port}/v1/user-credentials`
  const stop = async (): Promise<void> => void (await running.at(-1)?.kill('SIGTERM'))
  return {
    appEnv: { LANYARD_USER_CREDENTIALS_URL: url, LANYARD_USER_CREDENTIALS_TOKEN_FILE: tokenFile },
    start: async (hoursAhead) => {
      await stop()
      const broker = start({ program: 'brokerMain.ts', env: { ...env, ...clock(hoursAhead) }, atEnd })
      running.push(broker)
      await broker.said(/"msg":"broker started"/)
    },
    stop,
    ask: (request) => ask(url, tokenFile, request),
    log: () => running.map((each) => each.stdout() + each.stderr()).join(''),
  }
}

function clock(hoursAhead: number | undefined): Record<string, string> {
  if (hoursAhead === undefined) return {}
  if (FAKETIME === undefined) throw new Error('libfaketime is not on this machine (Debian: faketime)')
  return { LD_PRELOAD: FAKETIME, FAKETIME: `+${hoursAhead}h`, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

async function ask(url: string, tokenFile: string, request: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: readFileSync(tokenFile, 'utf8').trim() },
    body: JSON.stringify(request),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}
