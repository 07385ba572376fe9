import { randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import type { Clock, KeptSessions } from '../../src/credentials/index.ts'
import { prepareTokens, startEndpoint, startGate, startHealth } from '../../src/endpoint/index.ts'
import { stateFile, terminationMessage } from '../../src/files/index.ts'
import { sidecarMetrics } from '../../src/metrics/index.ts'
import { createLog } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import type { Running } from '../run.ts'
import { recordSessions, tellFailures } from './record.ts'
import { openSessions } from './sessions.ts'
import { type Env, readSettings } from './settings.ts'

/** The sidecar: from its variables to two servers that answer. Throws Failure with every problem of its variables. */
export async function startSidecar(env: Env, write: (line: string) => void, clock: Clock): Promise<Running> {
  const settings = readSettings(env)
  const { config, values, plans } = settings
  const log = createLog({ level: config['log.level'], now: clock.now, write })
  const metrics = sidecarMetrics({
    version: VERSION,
    sessions: plans.map(({ name, request }) => ({ session: name, role: request.roleArn })),
  })
  const state = stateFile(config['state.directory'])
  const termination = terminationMessage(config['termination.log'])
  const directory = config['endpoint.tokensDirectory']
  const tokens = prepareTokens({
    directory,
    containers: plans.flatMap(({ containers }) => containers),
    random: randomBytes,
  })
  const kept: Record<string, KeptSessions[string]> = {}
  const settled = recordSessions({ log, metrics, state, termination }, kept)
  const byPlan = openSessions({ ...settings, clock, metrics, settled, kept, left: state.load() })
  tellFailures(kept, termination)
  const sessions = [...byPlan.values()]
  const byContainer = new Map(
    [...byPlan].flatMap(([plan, session]) => plan.containers.map((name) => [name, session] as const)),
  )

  const onFailure = (error: unknown): void => log.error('something failed', { error })
  const { credentialsPort = 0, metricsPort = 0 } = values
  const gate = startGate({ stateDir: config['state.directory'], sandbox: sandbox(), sessions, onFailure })
  const { now } = clock
  const endpoint = await startEndpoint({
    port: credentialsPort,
    sessions: byContainer,
    tokens,
    now,
    onRequest: metrics.endpointRequest,
    onFailure,
  })
  const health = await startHealth({ port: metricsPort, sessions, gate, metrics: metrics.text, onFailure })
  for (const session of sessions) session.start()
  log.info('sidecar started', {
    version: VERSION,
    sessions: plans.map(({ name }) => name),
    credentialsPort,
    metricsPort,
  })
  const stop = async (): Promise<void> => {
    gate.stop()
    for (const session of sessions) session.stop()
    await Promise.all([endpoint.close(), health.close()])
    log.info('sidecar stopped')
  }
  return { stop }
}

/** The pod's sandbox is its network namespace: a restarted container keeps it, a restarted pod does not. */
function sandbox(): string {
  try {
    return readlinkSync('/proc/self/ns/net')
  } catch {
    return ''
  }
}
