import type { Problem } from '../../errors/index.ts'
import { corrupt } from './problems.ts'
import type { Authority, Instant, Milliseconds, Terms, Validity } from './types.ts'
import { graceOf, isUsable, marginOf } from './validity.ts'

/** What is looked at when the authorities are planned, at one instant. */
export type PlanInput = {
  /** What the Secret holds. */
  readonly stored: readonly Authority[]
  /** What this replica has last seen there. */
  readonly known: readonly Authority[]
  /** The ids that every caBundle holds. */
  readonly trusted: ReadonlySet<string>
  /** The id of the authority whose certificate this replica serves. */
  readonly serving: string | undefined
  readonly now: Instant
}

export type AuthorityPlan = {
  /** What the Secret shall hold, besides what is created. */
  readonly keep: readonly Authority[]
  readonly create: readonly Validity[]
  readonly problems: readonly Problem[]
  /** Whether `keep` is not what is there. */
  readonly isChanged: boolean
}

/**
 * Two authorities are always trusted, half a lifetime apart, so that one is long in every caBundle when it begins to sign.
 * Nothing that is trusted and may be in use is dropped at once, whoever took it out of the Secret: it retires.
 */
export function planAuthorities(input: PlanInput, terms: Terms): AuthorityPlan {
  const { stored, now } = input
  const judged = stored.map((authority) => judge(authority, input, terms))
  const usable = judged.flatMap(({ authority }) => authority ?? []).filter((authority) => isUsable(authority, now))
  const create = missingOf(usable, now, terms)
  const gone = retiring(input, terms)
  const kept = [...judged.flatMap(({ authority }) => authority ?? []), ...gone]
  // Only now: replicas that disagree about the time would else retire each other's for ever.
  const keep = create.length === 0 ? kept : kept.flatMap((authority) => withoutExpired(authority, now, terms))
  const isChanged = keep.length !== stored.length || keep.some((authority, index) => authority !== stored[index])
  const problems = [...judged.flatMap(({ problem }) => problem ?? []), ...gone.map(taken)]
  return { keep, create, problems, isChanged }
}

/** What becomes of one that is in the Secret. */
function judge(
  authority: Authority,
  { trusted, serving, now }: PlanInput,
  terms: Terms,
): { readonly authority?: Authority; readonly problem?: Problem } {
  const { id, key, until = now, created, expires } = authority
  if (key === undefined) return until <= now && id !== serving ? {} : { authority }
  // By its own dates, so that a clock that was set back condemns nothing.
  if (expires - created <= 2 * terms.caLifetime) return { authority }
  // In use, and only of another setting; else somebody wants to be trusted for long.
  if (trusted.has(id) || id === serving) return { authority: retire(authority, now, terms) }
  return { problem: corrupt('authority-*', `an authority expires at ${new Date(expires).toISOString()}, far too late`) }
}

/** What was in the Secret and is not any more, while certificates of it may be served. */
function retiring({ stored, known, trusted, serving, now }: PlanInput, terms: Terms): readonly Authority[] {
  const isInUse = ({ id, key }: Authority): boolean => id === serving || (trusted.has(id) && key !== undefined)
  return known
    .filter((authority) => authority.expires > now && isInUse(authority))
    .filter(({ id }) => !stored.some((other) => other.id === id))
    .map((authority) => retire(authority, now, terms))
}

const taken = ({ id }: Authority): Problem =>
  corrupt('authority-*', `the authority ${id.slice(0, 16)} was taken out while certificates of it may be served`)

const retire = (authority: Authority, now: Instant, terms: Terms): Authority => ({
  ...authority,
  key: undefined,
  until: now + graceOf(terms),
})

/** Expired for longer than clocks differ; and even so not dropped at once, for ours may be the one that is wrong. */
function withoutExpired(authority: Authority, now: Instant, terms: Terms): readonly Authority[] {
  if (authority.expires + marginOf(terms) > now) return [authority]
  return authority.key === undefined ? [] : [retire(authority, now, terms)]
}

/** Those that are needed to have two, half a lifetime apart; never closer than a quarter. */
function missingOf(usable: readonly Authority[], now: Instant, { caLifetime }: Terms): readonly Validity[] {
  const [first, second] = usable
  if (second !== undefined) return []
  const half = caLifetime / 2
  const lasting = (left: Milliseconds): Validity => ({ created: now, expires: now + left })
  if (first === undefined) return [lasting(half), lasting(caLifetime)]
  const left = first.expires - now
  return [lasting(Math.min(left < 0.75 * caLifetime ? left + half : left - half, caLifetime))]
}
