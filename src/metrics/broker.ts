import { Registry } from 'prom-client'
import { userResults } from './brokerTable.ts'
import { buildInfo, counterOf, durationOf, gaugeOf, knownOr, type MetricsText, textOf } from './build.ts'
import { stsOperations } from './table.ts'

/** How a request ended, by names that the operator knows. */
export type UserResult = { readonly provider: string; readonly role: string; readonly code: string }

export type BrokerMetricsOptions = {
  readonly version: string
  /** The names that may become labels. */
  readonly providers: readonly string[]
  readonly roles: readonly string[]
  /** Asked at every scrape: how many sessions are kept. */
  readonly entries: () => number
}

/** The recorders of the broker. All durations are in seconds. */
export type BrokerMetrics = {
  /** One answered request. */
  userRequest(result: UserResult): void
  stsRequest(operation: string, seconds: number): void
  text(): Promise<MetricsText>
}

const NONE = 'none'

/** The metrics of a broker process, in a registry of their own. */
export function brokerMetrics({ version, providers, roles, entries }: BrokerMetricsOptions): BrokerMetrics {
  const registry = new Registry()
  const requests = counterOf('lanyard_user_credentials_requests_total', registry)
  const kept = gaugeOf('lanyard_user_credentials_cache_entries', registry)
  const sts = durationOf('lanyard_sts_request_duration_seconds', registry)
  sts.begin({ operation: 'AssumeRoleWithWebIdentity' })
  buildInfo(version, registry)
  for (const provider of providers) for (const role of roles) requests.inc({ provider, role, code: 'Success' }, 0)
  return {
    userRequest: ({ provider, role, code }) =>
      requests.inc({
        provider: knownOr([...providers, NONE], provider),
        role: knownOr([...roles, NONE], role),
        code: knownOr(userResults, code),
      }),
    stsRequest: (operation, seconds) => sts.observe({ operation: knownOr(stsOperations, operation) }, seconds),
    text: () => {
      kept.set(entries())
      return textOf(registry)
    },
  }
}
