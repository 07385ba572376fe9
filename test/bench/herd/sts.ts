import type { Instant, Milliseconds } from '../../../src/credentials/index.ts'
import type { Code } from '../../../src/errors/index.ts'

/** A time in which STS gives no credentials: it refuses at once, or does not answer at all. Instants of the simulation. */
export type Outage = { readonly from: Instant; readonly until: Instant; readonly how: 'refuses' | 'hangs' }

/** A token bucket, as AWS throttles: so many calls a second, and so many at once. */
export type Limit = { readonly rate: number; readonly burst: number }

export type StsOptions = {
  readonly outages?: readonly Outage[]
  readonly limit?: Limit
  /** A time in which that share of all calls fails. */
  readonly brownout?: { readonly from: Instant; readonly until: Instant; readonly share: number }
  readonly random: () => number
}

/** What comes of one call: when the answer is there, and what went wrong; with no `code`, credentials. */
export type Answer = { readonly takes: Milliseconds; readonly code?: Code }

/** The way to STS and back: uniform between these. */
const LEAST: Milliseconds = 20
const MOST: Milliseconds = 120

/** An STS that nobody waits for: what it answers to a call at that instant. Instants never go back. */
export function createSts({ outages = [], limit, brownout, random }: StsOptions): (now: Instant) => Answer {
  const isThrottled = limit === undefined ? () => false : bucket(limit)
  return (now) => {
    const takes = LEAST + (MOST - LEAST) * random()
    const outage = outages.find(({ from, until }) => now >= from && now < until)
    if (outage?.how === 'hangs') return { takes: Number.POSITIVE_INFINITY }
    if (outage !== undefined) return { takes, code: 'StsUnavailable' }
    if (isThrottled(now)) return { takes, code: 'StsThrottled' }
    const fails = brownout !== undefined && now >= brownout.from && now < brownout.until && random() < brownout.share
    return fails ? { takes, code: 'StsUnavailable' } : { takes }
  }
}

/** Says of each call whether it is one too many; those cost nothing. */
function bucket({ rate, burst }: Limit): (now: Instant) => boolean {
  let tokens = burst
  let before = 0
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - before) / 1000) * rate)
    before = now
    if (tokens < 1) return true
    tokens -= 1
    return false
  }
}
