import type { Problem } from '../../errors/index.ts'
import { corrupt } from './problems.ts'
import type { Authority, Instant, Milliseconds, Terms, Validity } from './types.ts'
import { BACK_DATED, graceOf, isUsable, longestGraceOf, marginOf } from './validity.ts'

/** What is looked at when the authorities are planned, at one instant. */
export type PlanInput = {
  /** What the Secret holds. */
  readonly stored: readonly Authority[]
  /** What this replica has last seen there. */
  readonly known: readonly Authority[]
  /** The ids that at least one caBundle holds. */
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

/** More than a few are no work of ours, and every one of them would go into each caBundle. */
const MOST = 16

/**
 * Two authorities are always trusted, half a lifetime apart, so that one is long in every caBundle when it begins to sign.
 * Nothing that is trusted and may be in use is dropped at once, whoever took it out of the Secret: it retires.
 */
export function planAuthorities(input: PlanInput, terms: Terms): AuthorityPlan {
  const { stored, now } = input
  const judged = stored.map((authority) => judge(authority, input, terms))
  const good = judged.flatMap(({ authority }) => authority ?? [])
  const usable = good.filter((authority) => isUsable(authority, now))
  const create = missingOf(usable, now, terms)
  const gone = retiring(input, terms)
  const kept = [...good, ...gone]
  // Only now: replicas that disagree about the time would else retire each other's for ever.
  const lasting = create.length === 0 ? kept : kept.flatMap((authority) => withoutExpired(authority, now, terms))
  const room = MOST - create.length
  const keep = lasting.length > room ? mostNeeded(lasting, room, input) : lasting
  const isChanged = keep.length !== stored.length || keep.some((authority, index) => authority !== stored[index])
  const problems = [
    ...judged.flatMap(({ problem }) => problem ?? []),
    // Whoever has no place stays out, without another word.
    ...gone.filter((authority) => keep.includes(authority)).map(taken),
    ...(good.length > room ? [corrupt('authority-*', `there are more than ${room}`)] : []),
  ]
  return { keep, create, problems, isChanged }
}

type Judged = { readonly authority?: Authority; readonly problem?: Problem }

/** What becomes of one that is in the Secret. */
function judge(authority: Authority, { trusted, serving, now }: PlanInput, terms: Terms): Judged {
  const { id, key, until = now, created, expires } = authority
  if (key === undefined && until <= now && id !== serving) return {}
  // By its own dates, so that a clock that was set back condemns nothing.
  const isLong = expires - created > 2 * terms.caLifetime
  // In use it is only of another setting; else somebody wants to be trusted for long.
  if (isLong && !trusted.has(id) && id !== serving) return { problem: tooLong('expires at', expires) }
  if (key !== undefined) return { authority: isLong ? retire(authority, now + longestGraceOf(terms)) : authority }
  // No replica retires one for so long, though its clock be ahead.
  if (until <= now + longestGraceOf(terms) + BACK_DATED) return { authority }
  const problem = tooLong('without key is to be trusted until', until)
  return { authority: retire(authority, now + graceOf(terms)), problem }
}

const tooLong = (what: string, instant: Instant): Problem =>
  corrupt('authority-*', `an authority ${what} ${new Date(instant).toISOString()}, far too late`)

/** What was in the Secret and is not any more, while certificates of it may be served. */
function retiring({ stored, known, trusted, serving, now }: PlanInput, terms: Terms): readonly Authority[] {
  const isInUse = ({ id, key }: Authority): boolean => id === serving || (trusted.has(id) && key !== undefined)
  return known
    .filter((authority) => authority.expires > now && isInUse(authority))
    .filter(({ id }) => !stored.some((other) => other.id === id))
    .map((authority) => retire(authority, now + graceOf(terms)))
}

const taken = ({ id }: Authority): Problem =>
  corrupt('authority-*', `the authority ${id.slice(0, 16)} was taken out while certificates of it may be served`)

const retire = (authority: Authority, until: Instant): Authority => ({ ...authority, key: undefined, until })

/** Expired for longer than clocks differ; and even so not dropped at once, for ours may be the one that is wrong. */
function withoutExpired(authority: Authority, now: Instant, terms: Terms): readonly Authority[] {
  if (authority.expires + marginOf(terms) > now) return [authority]
  return authority.key === undefined ? [] : [retire(authority, now + graceOf(terms))]
}

/** As many as there is room for: what is served here, two that can sign, what is trusted, and then the others. */
function mostNeeded(
  all: readonly Authority[],
  room: number,
  { trusted, serving, now }: PlanInput,
): readonly Authority[] {
  const usable = all.filter((authority) => isUsable(authority, now))
  const inUse = all.filter(({ id }) => trusted.has(id))
  const signers = [...new Set([...usable.filter((each) => inUse.includes(each)), ...usable])].slice(0, 2)
  const served = all.filter(({ id }) => id === serving)
  const inOrder = new Set([...served, ...signers, ...inUse, ...usable, ...all])
  const needed = [...inOrder].slice(0, room)
  return all.filter((authority) => needed.includes(authority))
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
