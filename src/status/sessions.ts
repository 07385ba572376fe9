import { CLIENT_WINDOWS, renewAt } from '../credentials/index.ts'
import { describe } from '../errors/index.ts'
import type { Sample } from './exposition.ts'
import { isCode } from './readPod.ts'
import type { Instant, Milliseconds, Mode, State, Trouble } from './types.ts'

/** What the last round saw of a session, and the code of what failed since it last obtained credentials. */
export type LastSeen = {
  readonly failures: Said['failures']
  readonly refreshed: Said['refreshed']
  readonly code: string | undefined
}

/** What a sidecar says of one of its sessions. */
export type Said = {
  readonly session: string
  readonly role: string | undefined
  /** Undefined where it serves nothing. */
  readonly expires: Instant | undefined
  readonly refreshed: Instant | undefined
  /** Failed attempts since the sidecar's start, by code. */
  readonly failures: Readonly<Record<string, number>>
}

/** A pod has as many containers at the most that any cluster runs; who says more is no sidecar. */
const mostSessions = 256

/** Undefined where it is not a sidecar that speaks. */
export function readSessions(samples: readonly Sample[]): readonly Said[] | undefined {
  const bySession = Map.groupBy(
    samples.filter(({ name }) => SESSION_METRICS.has(name)),
    ({ labels }) => labels['session'] ?? '',
  )
  const isSidecar = samples.some(({ name }) => name === 'lanyard_build_info') && bySession.size <= mostSessions
  return isSidecar ? [...bySession].map(([session, about]) => readSession(session, about)) : undefined
}

/** Names of the sidecar's metrics, as docs/reference/metrics.md has them. */
export const EXPIRATION = 'lanyard_credentials_expiration_timestamp_seconds'
export const REFRESH = 'lanyard_credentials_last_refresh_timestamp_seconds'
export const ATTEMPTS = 'lanyard_credentials_refreshes_total'
const SESSION_METRICS = new Set([EXPIRATION, REFRESH, ATTEMPTS])

function readSession(session: string, about: readonly Sample[]): Said {
  const instantOf = (metric: string): Instant | undefined => {
    const value = about.find(({ name }) => name === metric)?.value ?? 0
    // Within what a Date can be.
    return value > 0 && value < 8.64e12 ? value * 1_000 : undefined
  }
  const failed = about.filter(
    ({ name, labels, value }) => name === ATTEMPTS && labels['result'] === 'failure' && value > 0,
  )
  return {
    session,
    role: about[0]?.labels['role'],
    expires: instantOf(EXPIRATION),
    refreshed: instantOf(REFRESH),
    failures: Object.fromEntries(failed.map(({ labels, value }) => [labels['code'] ?? 'other', value])),
  }
}

export const versionIn = (samples: readonly Sample[]): string | undefined =>
  samples.find(({ name }) => name === 'lanyard_build_info')?.labels['version']

/** A renewal may take that long. */
const patience: Milliseconds = 60_000
/** For that long after a pod's creation it is too early to say that anything is wrong. */
export const startsWithin: Milliseconds = 60_000

type Moment = { readonly now: Instant; readonly created: Instant | undefined; readonly mode: Mode | undefined }

/** How the session fares, and why not better. `seen` is what earlier rounds knew of it. */
export function judgeSession(
  said: Said,
  seen: LastSeen | undefined,
  moment: Moment,
): { state: State; trouble?: Trouble } {
  const { now, created } = moment
  const code = seen?.code ?? mostTelling(said.failures)
  const trouble = code === undefined ? undefined : troubleOf(code)
  const because = trouble === undefined ? {} : { trouble }
  if (said.expires === undefined || said.expires <= now) {
    if (said.refreshed !== undefined) return { state: 'expired', ...because }
    const isYoung = created !== undefined && now - created < startsWithin && trouble === undefined
    return { state: isYoung ? 'starting' : 'none', ...because }
  }
  return seen?.code !== undefined || isOverdue(said, moment) ? { state: 'failing', ...because } : { state: 'ok' }
}

/** By the rule of refresh it should have been renewed: so attempts fail, whatever the counters counted before. */
function isOverdue({ expires, refreshed }: Said, { now, mode }: Moment): boolean {
  if (expires === undefined || refreshed === undefined) return false
  const window = mode === 'imds' ? CLIENT_WINDOWS.imds : CLIENT_WINDOWS.container
  const latest = renewAt({ received: refreshed, lifetime: expires - refreshed, window, due: refreshed }, 0)
  return now > latest + patience
}

/** Counters do not say which came last: causes that last before those that pass, then the most frequent. */
function mostTelling(failures: Said['failures']): string | undefined {
  const rank = (code: string): number => (isCode(code) && describe(code).retry === 'slow' ? 1 : 0)
  const sorted = Object.entries(failures).sort(([a, n], [b, m]) => rank(b) - rank(a) || m - n)
  return sorted[0]?.[0]
}

export const troubleOf = (code: string): Trouble => (isCode(code) ? { code, word: code } : { word: 'other' })
