import type { Told } from '../../src/broker/index.ts'
import type { Milliseconds } from '../../src/credentials/index.ts'
import { describe, type Failure } from '../../src/errors/index.ts'
import type { BrokerMetrics } from '../../src/metrics/index.ts'
import type { Log, LogLevel } from '../../src/terminal/log.ts'

type Books = {
  readonly log: Log
  readonly metrics: Pick<BrokerMetrics, 'userRequest'>
  /** Of a clock that nobody sets. */
  readonly uptime: () => Milliseconds
}

/** Whoever floods the broker must not flood its log too: every request is in the metrics. */
const LINES = 20
const PERIOD: Milliseconds = 1_000

/** What is written down of every answer: who asked for which user by which provider, and what came of it. */
export function recordOutcomes({ log, metrics, uptime }: Books): (told: Told) => void {
  const within = lineBudget(uptime)
  return (told) => {
    const { provider, role } = told
    const code = told.kind === 'granted' ? 'Success' : told.failure.code
    metrics.userRequest({ provider, role, code })
    const level = levelOf(told)
    if (level !== 'debug' && !within()) return
    log[level](told.kind === 'granted' ? 'user credentials given' : 'user credentials refused', fieldsOf(told, code))
  }
}

function fieldsOf(told: Told, code: string): Readonly<Record<string, unknown>> {
  const { provider, role, user, container } = told
  const names = { code, provider, role, user, container }
  if (told.kind === 'refused') return { ...names, retryAfter: told.retryAfter, error: told.failure }
  return { ...names, fresh: told.fresh, assumedRole: told.credentials.assumedRoleArn }
}

/** What an operator must see; what happens now and then; and what happens all the time. */
function levelOf(told: Told): LogLevel {
  if (told.kind === 'granted') return told.fresh ? 'info' : 'debug'
  return isOurs(told.failure) ? 'warn' : 'info'
}

/** What no user and no app can help. */
const isOurs = ({ code }: Failure): boolean =>
  ['provider', 'sts', 'process', 'review'].includes(describe(code).area) || code === 'UserProviderInvalid'

function lineBudget(uptime: Books['uptime']): () => boolean {
  let since = uptime()
  let lines = 0
  return () => {
    if (uptime() - since >= PERIOD) {
      since = uptime()
      lines = 0
    }
    lines += 1
    return lines <= LINES
  }
}
