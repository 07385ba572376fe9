import type { Clock } from '../../src/credentials/index.ts'
import {
  BURST,
  type EndpointTokens,
  nameSandbox,
  restAfterBursts,
  startEndpoint,
  startGate,
  startHealth,
} from '../../src/endpoint/index.ts'
import type { SidecarMetrics } from '../../src/metrics/index.ts'
import type { Log } from '../../src/terminal/log.ts'
import { containersOf, imdsOf } from './answering.ts'
import { type Collect, memoryKeeper } from './memory.ts'
import type { Sessions } from './sessions.ts'
import type { SidecarSettings } from './settings.ts'

export type Parts = SidecarSettings & {
  readonly clock: Clock
  readonly metrics: SidecarMetrics
  readonly collect: Collect
  /** Who is told after every attempt: the start gate, once there is one. */
  readonly onSettled: (() => void)[]
}
type Serving = Parts & { readonly log: Log; readonly tokens: EndpointTokens; readonly byPlan: Sessions }

/** The endpoint, and health with the start gate; what it returns ends them and the sessions. */
export async function serve(parts: Serving): Promise<() => Promise<void>> {
  const { config, values, clock, metrics, log, byPlan } = parts
  const { now } = clock
  const onFailure = (error: unknown): void => log.error('something failed', { error })
  const onActivity = restAfterBursts(memoryKeeper(parts.collect), (time, act) => void setTimeout(act, time).unref())
  const sessions = [...byPlan.values()]
  const sandbox = nameSandbox({ podUid: config['pod.uid'] })
  const gate = startGate({ stateDir: config['state.directory'], sandbox, sessions, onFailure })
  parts.onSettled.push(gate.onSettled, () => onActivity(BURST))
  const endpoint = await startEndpoint({
    port: values.credentialsPort,
    answering: values.protocol === 'imds' ? imdsOf({ ...parts, onFailure }) : containersOf(parts),
    onRequest: metrics.endpointRequest,
    onFailure,
    onActivity: () => onActivity(),
  })
  const health = await startHealth({
    port: values.metricsPort,
    sessions,
    gate,
    metrics: metrics.text,
    now,
    onFailure,
    onActivity: () => onActivity(),
  })
  return async () => {
    for (const session of sessions) session.stop()
    await Promise.all([endpoint.close(), health.close()])
    log.info('sidecar stopped')
  }
}
