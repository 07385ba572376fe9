import { Registry } from 'prom-client'
import { type Code, describe } from '../errors/index.ts'
import { buildInfo, counterOf, durationOf, gaugeOf, knownOr, type MetricsText, textOf } from './build.ts'
import { endpointStatuses, refreshCodes, stsOperations } from './table.ts'

/** A session as its labels name it: the container's name or `default`, and the ARN of its last role. */
export type SessionLabels = { readonly session: string; readonly role: string }
export type EndpointProtocol = 'container' | 'imds'
export type RefreshResult =
  | { readonly session: string; readonly result: 'success' }
  | { readonly session: string; readonly result: 'failure'; readonly code: string }

export type SidecarMetricsOptions = {
  readonly version: string
  /** The sessions of the pod: nothing else becomes a label. */
  readonly sessions: readonly SessionLabels[]
  readonly protocol?: EndpointProtocol
  /** Upper bounds in seconds that make the durations histograms; none leaves a sum and a count. */
  readonly buckets?: readonly number[]
}

/** The recorders of the sidecar. All durations are in seconds, all instants in Unix seconds of the pod's clock. */
export type SidecarMetrics = {
  /** One attempt of a session to obtain credentials. */
  refreshed(attempt: RefreshResult): void
  /** When the session last obtained credentials; a restart keeps it. */
  obtained(session: string, unixSeconds: number): void
  /** Asked at every scrape, so that alerts see what clients see: when what the session serves expires, if it serves any. */
  expiresBy(session: string, unixSeconds: () => number | undefined): void
  stsRequest(operation: string, seconds: number): void
  endpointRequest(protocol: EndpointProtocol, status: number, seconds: number): void
  /** When the identity token that was read expires. */
  identityToken(unixSeconds: number): void
  /** STS's clock minus the pod's. */
  skew(seconds: number): void
  text(): Promise<MetricsText>
}

/**
 * How many causes of failure a session tells apart before the rest is `other`, of those that pass and of those that last:
 * 100,000 sidecars are scraped, and a bad network must not hide the role that is refused later.
 */
const mostFailureCodes = 3
const unknown: SessionLabels = { session: 'other', role: 'other' }

/** The metrics of a sidecar process, in a registry of their own; what an alert needs exists at 0 from the start. */
export function sidecarMetrics(options: SidecarMetricsOptions): SidecarMetrics {
  const registry = new Registry()
  const sessions = sessionMetrics(options.sessions, registry)
  const requests = requestMetrics(options, registry)
  const identity = gaugeOf('lanyard_identity_token_expiration_timestamp_seconds', registry)
  const skew = gaugeOf('lanyard_clock_skew_seconds', registry)
  identity.set(0)
  skew.set(0)
  buildInfo(options.version, registry)
  return {
    refreshed: sessions.refreshed,
    obtained: sessions.obtained,
    expiresBy: sessions.expiresBy,
    stsRequest: requests.stsRequest,
    endpointRequest: requests.endpointRequest,
    identityToken: (unixSeconds) => identity.set(unixSeconds),
    skew: (seconds) => skew.set(seconds),
    text: () => {
      sessions.look()
      requests.look()
      return textOf(registry)
    },
  }
}

function sessionMetrics(
  sessions: readonly SessionLabels[],
  registry: Registry,
): Pick<SidecarMetrics, 'refreshed' | 'obtained' | 'expiresBy'> & { look(): void } {
  const expires = gaugeOf('lanyard_credentials_expiration_timestamp_seconds', registry)
  const obtained = gaugeOf('lanyard_credentials_last_refresh_timestamp_seconds', registry)
  const refreshes = counterOf('lanyard_credentials_refreshes_total', registry)
  for (const session of sessions) {
    obtained.set({ ...session }, 0)
    refreshes.inc({ ...session, result: 'success', code: 'none' }, 0)
    refreshes.inc({ ...session, result: 'failure', code: 'other' }, 0)
  }
  const labelsOf = (name: string): SessionLabels => sessions.find(({ session }) => session === name) ?? unknown
  const boundedCode = codeLimiter()
  const sources = new Map<string, () => number | undefined>()
  return {
    refreshed(attempt) {
      const labels = labelsOf(attempt.session)
      const code = attempt.result === 'success' ? 'none' : boundedCode(labels.session, attempt.code)
      refreshes.inc({ ...labels, result: attempt.result, code })
    },
    obtained: (session, unixSeconds) => obtained.set({ ...labelsOf(session) }, unixSeconds),
    expiresBy: (session, unixSeconds) => void sources.set(session, unixSeconds),
    look() {
      for (const each of sessions) expires.set({ ...each }, sources.get(each.session)?.() ?? 0)
    },
  }
}

function codeLimiter(): (session: string, code: string) => string {
  const seen = new Map<string, Set<string>>()
  return (session, code) => {
    if (!isRefreshCode(code)) return 'other'
    const kind = `${session} ${describe(code).retry === 'slow'}`
    const known = seen.get(kind) ?? new Set<string>()
    seen.set(kind, known)
    if (known.size < mostFailureCodes) known.add(code)
    return known.has(code) ? code : 'other'
  }
}

const isRefreshCode = (code: string): code is Code => refreshCodes.includes(code)

function requestMetrics(
  { protocol = 'container', buckets }: SidecarMetricsOptions,
  registry: Registry,
): Pick<SidecarMetrics, 'stsRequest' | 'endpointRequest'> & { look(): void } {
  const sts = durationOf('lanyard_sts_request_duration_seconds', registry, buckets)
  const requests = counterOf('lanyard_endpoint_requests_total', registry)
  const served = durationOf('lanyard_endpoint_request_duration_seconds', registry, buckets)
  // What clients do a thousand times is counted plainly, and told to the library when somebody looks.
  const labels = { container: { protocol: 'container' }, imds: { protocol: 'imds' } } as const
  const counts = { container: new Map<number, number>(), imds: new Map<number, number>() }
  sts.begin({ operation: 'AssumeRoleWithWebIdentity' })
  served.begin({ protocol })
  for (const code of ['200', '503']) requests.inc({ protocol, code }, 0)
  return {
    stsRequest: (operation, seconds) => sts.observe({ operation: knownOr(stsOperations, operation) }, seconds),
    endpointRequest(of, status, seconds) {
      counts[of].set(status, (counts[of].get(status) ?? 0) + 1)
      served.observe(labels[of], seconds)
    },
    look() {
      for (const spoken of ['container', 'imds'] as const) {
        for (const [status, count] of counts[spoken])
          requests.inc({ protocol: spoken, code: knownOr(endpointStatuses, String(status)) }, count)
        counts[spoken].clear()
      }
    },
  }
}
