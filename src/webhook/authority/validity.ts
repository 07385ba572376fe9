import type { Authority, Instant, Milliseconds, Terms } from './types.ts'

const MINUTE: Milliseconds = 60_000

/** Certificates begin that long before they are made: the clock of an API server may be behind. */
export const BACK_DATED: Milliseconds = 5 * MINUTE

/** Certificates know no fractions of a second. */
export const wholeSeconds = (instant: Instant): Instant => Math.floor(instant / 1_000) * 1_000

/**
 * What an authority has left when its successor takes over, and how long it is kept when it has expired: clocks that differ
 * by less do no harm.
 */
export const marginOf = ({ caLifetime }: Terms): Milliseconds => caLifetime / 8

/** How long an authority that signs no more is trusted, at most, and where replicas may have other terms than these. */
export const longestGraceOf = ({ settle }: Terms): Milliseconds => settle + 15 * MINUTE

/** How long an authority that signs no more is trusted: every replica has turned to another by then. */
export const graceOf = (terms: Terms): Milliseconds => Math.min(marginOf(terms), longestGraceOf(terms))

/** Whether it could sign at that instant. */
export const isUsable = ({ key, created, expires }: Authority, now: Instant): boolean =>
  key !== undefined && created - BACK_DATED <= now && now < expires

/**
 * The authorities that can sign, best first: the first to expire, while it has more than the margin left; where none has,
 * the last to expire.
 */
export function signingOrder(authorities: readonly Authority[], now: Instant, terms: Terms): readonly Authority[] {
  const usable = authorities.filter((authority) => isUsable(authority, now))
  const hasTime = ({ expires }: Authority): boolean => expires - now > marginOf(terms)
  return [
    ...usable.filter(hasTime).toSorted((a, b) => a.expires - b.expires),
    ...usable.filter((authority) => !hasTime(authority)).toSorted((a, b) => b.expires - a.expires),
  ]
}
