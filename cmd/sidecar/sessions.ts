import { createSts } from '../../src/aws/index.ts'
import {
  CLIENT_WINDOWS,
  type Clock,
  createSession,
  type KeptSessions,
  lookAt,
  type RunningSession,
  restoreState,
} from '../../src/credentials/index.ts'
import { fileTokenSource, type SessionPlan, webIdentity } from '../../src/federation/index.ts'
import { readSmallFile } from '../../src/files/index.ts'
import type { SidecarMetrics } from '../../src/metrics/index.ts'
import { VERSION } from '../../src/version.ts'
import { shown, timed, watched } from './instruments.ts'
import type { Settled } from './record.ts'
import type { SidecarSettings } from './settings.ts'

const CONNECT_TIMEOUT = 2000
const TOTAL_TIMEOUT = 10_000

type Opening = SidecarSettings & {
  readonly clock: Clock
  readonly metrics: SidecarMetrics
  readonly settled: Settled
  /** Filled with what is kept of each session. */
  readonly kept: Record<string, KeptSessions[string]>
  /** What an earlier run left. */
  readonly left: unknown
}

export type Sessions = ReadonlyMap<SessionPlan, RunningSession>

/** A session per plan, with what an earlier run of the sidecar knew; nothing is asked of STS yet. */
export function openSessions({ clock, config, values, plans, metrics, settled, kept, left }: Opening): Sessions {
  const { now } = clock
  const { audience, region, stsEndpoint: endpoint, protocol = 'container' } = values
  const timeouts = { connectTimeout: CONNECT_TIMEOUT, totalTimeout: TOTAL_TIMEOUT }
  const sts = timed(createSts({ region, endpoint, ca: config['sts.ca'], ...timeouts, now, version: VERSION }), metrics)
  const source = watched(
    fileTokenSource({ path: config['identity.tokenFile'], read: readSmallFile, audience, now }),
    metrics,
  )
  const open = ({ name, request }: SessionPlan): RunningSession => {
    const fingerprint = JSON.stringify([config['pod.uid'], request, audience, region, endpoint])
    const restored = restoreState(left, name, fingerprint, lookAt(clock))
    if (restored !== undefined) kept[name] = { fingerprint, state: restored }
    if (restored?.held !== undefined) {
      const { issued, skew } = restored.held.credentials
      metrics.obtained(name, (issued - skew) / 1000)
    }
    const session = createSession({
      name,
      obtain: webIdentity(source, sts, request),
      clock,
      random: Math.random,
      window: CLIENT_WINDOWS[protocol],
      onSettled: (state, event) => settled({ name, fingerprint }, state, event),
      ...(restored !== undefined && { restored }),
    })
    return shown(session, metrics)
  }
  return new Map(plans.map((plan) => [plan, open(plan)]))
}
