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
      obtained(name, state, event, metrics, log)
    } else {
      metrics.refreshed({ session: name, result: 'failure', code: event.failure.code })
      log.warn('credentials not obtained', {
        session: name,
        failures: Object.values(state.failures).reduce((sum, count) => sum + count, 0),
        retryAt: iso(state.retryAt),
        error: event.failure,
      })
    }
    if (!tellFailures(kept, termination)) termination.clear()
  }
}

/**
 * Writes why sessions get no credentials, for kubectl describe; answers whether there was anything to write. At the start
 * too: the next attempt may lie behind the start gate's end, and an earlier container's message went with it.
 */
export function tellFailures(kept: KeptSessions, termination: TerminationMessage): boolean {
  const lines = Object.entries(kept).flatMap(([session, { state }]) =>
    state.lastFailure === undefined ? [] : [`${session}: ${state.lastFailure.message}`],
  )
  if (lines.length > 0) termination.write(lines.join('\n'))
  return lines.length > 0
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
  metrics.obtained(name, (credentials.issued - credentials.skew) / 1000)
  if (held === undefined) return
  log.info('credentials obtained', {
    session: name,
    assumedRole: credentials.assumedRoleArn,
    expires: iso(held.expires),
    renewAt: iso(held.renewAt),
  })
}

const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString()
