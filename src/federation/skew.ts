import type { Instant, Milliseconds } from '../credentials/types.ts'

/** A Date header has whole seconds and has travelled: what is smaller cannot be told from that. */
const noise: Milliseconds = 5_000

/** STS's clock minus the local one: 0 where STS sent no Date or the difference is noise (RFC 9110, section 6.6.1). */
export function measureSkew(date: Instant | undefined, localTime: Instant): Milliseconds {
  if (date === undefined || !Number.isFinite(date)) return 0
  const difference = date - localTime
  return Math.abs(difference) > noise ? difference : 0
}
