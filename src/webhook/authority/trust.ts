import { idsInAll, idsInAny } from './bundle.ts'
import type { Authority, AuthorityClock, Milliseconds, Terms } from './types.ts'

/** What this replica has seen of the caBundles. */
export type TrustRecord = {
  /** The caBundles as the API server just told them. */
  observe(bundles: readonly string[]): void
  /** The ids of the authorities that every caBundle held. */
  trusted(): ReadonlySet<string>
  /** The ids of those that at least one of them held: certificates of these may be in use. */
  trustedSomewhere(): ReadonlySet<string>
  /** How long until a certificate of the authority may be served; undefined while it is not in every caBundle. */
  settlesIn(authority: Authority): Milliseconds | undefined
}

/** An API server learns of a caBundle in less, and so an authority of that age was there long before this replica was. */
const LONG_AGO: Milliseconds = 60_000

/** Counts by the uptime, since an API server learns no faster where somebody sets the clock. */
export function createTrustRecord(clock: AuthorityClock, { settle }: Terms): TrustRecord {
  let seen: ReadonlyMap<string, Milliseconds> = new Map()
  let since: ReadonlySet<string> | undefined
  let somewhere: ReadonlySet<string> = new Set()
  return {
    observe(bundles) {
      const ids = idsInAll(bundles)
      const uptime = clock.uptime()
      somewhere = idsInAny(bundles)
      seen = new Map([...ids].map((id) => [id, seen.get(id) ?? uptime]))
      since = new Set([...(since ?? ids)].filter((id) => ids.has(id)))
    },
    trusted: () => new Set(seen.keys()),
    trustedSomewhere: () => somewhere,
    settlesIn({ id, created }) {
      const first = seen.get(id)
      if (first === undefined) return undefined
      if (since?.has(id) && clock.now() - created >= settle + LONG_AGO) return 0
      return Math.max(0, first + settle - clock.uptime())
    },
  }
}
