import type { KeptSessions, SessionState, SettledEvent } from '../../src/credentials/index.ts'
import { toFailure } from '../../src/errors/index.ts'
import type { StateFile, TerminationMessage } from '../../src/files/index.ts'
import type { SidecarMetrics } from '../../src/metrics/index.ts'
import type { Log } from '../../src/terminal/log.ts'

type Books = {
  readonly log: Log
  readonly metrics: SidecarMetrics
  readonly state: StateFile
  readonly termination: TerminationMessage
}
export type Settled = (session: { name: string; fingerprint: string }, state: SessionState, event: SettledEvent) => void

/** What is written down after every attempt: the log, the metrics, the state for a restart, the cause for kubectl describe. */
export function recordSessions(
  { log, metrics, state: file, termination }: Books,
  kept: Record<string, KeptSessions[string]>,
): Settled {
  const failing = new Map<string, string>()
  const save = (): void => {
    try {
      file.save(kept)
    } catch (thrown) {
      log.error('state not kept', { error: toFailure(thrown) })
    }
  }
  return ({ name, fingerprint }, state, event) => {
    kept[name] = { fingerprint, state }
    save()
    if (event.kind === 'obtained') {
      failing.delete(name)
      obtained(name, state, event, metrics, log)
    } else {
      const { code, message } = event.failure
      failing.set(name, message)
      metrics.refreshed({ session: name, result: 'failure', code })
      log.warn('credentials not obtained', {
        session: name,
        failures: state.failures,
        retryAt: iso(state.retryAt),
        error: event.failure,
      })
    }
    if (failing.size === 0) termination.clear()
    else termination.write([...failing].map(([session, message]) => `${session}: ${message}`).join('\n'))
  }
}

function obtained(
  name: string,
  { held }: SessionState,
  event: Extract<SettledEvent, { kind: 'obtained' }>,
  metrics: SidecarMetrics,
  log: Log,
): void {
  const { credentials } = event
  metrics.refreshed({ session: name, result: 'success' })
  metrics.skew(credentials.skew / 1000)
  if (held === undefined) return
  metrics.holds(name, { obtained: (credentials.issued - credentials.skew) / 1000, expires: held.expires / 1000 })
  log.info('credentials obtained', {
    session: name,
    assumedRole: credentials.assumedRoleArn,
    expires: iso(held.expires),
    renewAt: iso(held.renewAt),
  })
}

const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString()
