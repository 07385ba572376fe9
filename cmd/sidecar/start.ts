import { randomBytes } from 'node:crypto'
import type { Clock, KeptSessions } from '../../src/credentials/index.ts'
import { prepareTokens } from '../../src/endpoint/index.ts'
import { stateFile, terminationMessage } from '../../src/files/index.ts'
import { sidecarMetrics } from '../../src/metrics/index.ts'
import { createLog, type Log } from '../../src/terminal/log.ts'
import { VERSION } from '../../src/version.ts'
import type { Running } from '../run.ts'
import type { Exchanges } from './exchanges.ts'
import type { Collect } from './memory.ts'
import { recordSessions, type Settled, tellFailures } from './record.ts'
import { type Parts, serve } from './serve.ts'
import { openSessions, type Sessions } from './sessions.ts'
import { type Env, readSettings } from './settings.ts'

export type Starting = {
  readonly env: Env
  readonly write: (line: string) => void
  readonly clock: Clock
  /** The runtime's own. */
  readonly collect: Collect
  /** What this program can make credentials of. */
  readonly exchanges: Exchanges
}

/** The sidecar: from its variables to two servers that answer. Throws Failure with every problem of its variables. */
export async function startSidecar({ env, write, clock, collect, exchanges }: Starting): Promise<Running> {
  const settings = readSettings(env, exchanges)
  const { config, plans, values } = settings
  const log = createLog({ level: config['log.level'], now: clock.now, write })
  const metrics = sidecarMetrics({
    version: VERSION,
    sessions: plans.map(({ name, hop }) => ({ session: name, role: hop.request.roleArn })),
    ...(values.protocol !== undefined && { protocol: values.protocol }),
  })
  const tokens = prepareTokens({
    directory: config['endpoint.tokensDirectory'],
    // With IMDS nothing tells containers apart.
    containers: values.protocol === 'imds' ? [] : plans.flatMap(({ containers }) => containers),
    random: randomBytes,
  })
  const onSettled: Parts['onSettled'] = []
  const parts = { ...settings, exchanges, clock, collect, metrics, onSettled }
  const byPlan = restoreSessions(parts, log)
  // STS first: while its answer is on its way there is time for all else.
  for (const session of byPlan.values()) session.start()
  const stop = await serve({ ...parts, log, tokens, byPlan }).catch((thrown: unknown) => {
    for (const session of byPlan.values()) session.stop()
    throw thrown
  })
  const { credentialsPort, metricsPort } = values
  log.info('sidecar started', {
    version: VERSION,
    protocol: values.protocol ?? 'container',
    sessions: plans.map(({ name }) => name),
    credentialsPort,
    metricsPort,
  })
  return { stop }
}

/** The sessions, with what an earlier run left of them and told anew; from now on they are written down. */
function restoreSessions(parts: Parts & Pick<Starting, 'exchanges'>, log: Log): Sessions {
  const { config, metrics } = parts
  const state = stateFile(config['state.directory'])
  const termination = terminationMessage(config['termination.log'])
  const kept: Record<string, KeptSessions[string]> = {}
  const record = recordSessions({ log, metrics, state, termination }, kept)
  const settled: Settled = (...attempt) => {
    record(...attempt)
    for (const tell of parts.onSettled) tell()
  }
  const sessions = openSessions({ ...parts, settled, kept, left: state.load() })
  tellFailures(kept, termination)
  return sessions
}
