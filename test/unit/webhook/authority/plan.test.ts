import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuthorityPlan, type PlanInput, planAuthorities } from '../../../../src/webhook/authority/plan.ts'
import type { Authority, Terms } from '../../../../src/webhook/authority/types.ts'
import { graceOf, isUsable, longestGraceOf, signingOrder } from '../../../../src/webhook/authority/validity.ts'
import { HOUR, MINUTE, SECOND } from './world.ts'

const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
const terms: Terms = { caLifetime: 8 * HOUR, certificateLifetime: HOUR, settle: 5 * SECOND }

/** An authority by when it was created and expires, relative to NOW. */
const authority = (id: string, created: number, expires: number, change: Partial<Authority> = {}): Authority => ({
  id,
  cert: `CERTIFICATE ${id}`,
  key: `KEY ${id}`,
  until: undefined,
  created: NOW + created,
  expires: NOW + expires,
  ...change,
})

const plan = (input: Partial<PlanInput>): AuthorityPlan =>
  planAuthorities({ stored: [], known: [], trusted: new Set(), serving: undefined, now: NOW, ...input }, terms)

/** How long what is created lasts, in hours. */
const created = (stored: readonly Authority[]): number[] =>
  plan({ stored }).create.map(({ expires }) => (expires - NOW) / HOUR)

const first = authority('first', -HOUR, 3 * HOUR)
const second = authority('second', -HOUR, 7 * HOUR)

describe('the plan', () => {
  test('is to have two, half a lifetime apart', () => {
    expect(created([])).toEqual([4, 8])
    expect(created([first, second])).toEqual([])
    expect(created([authority('a', -4 * HOUR, 0), second])).toEqual([3])
    expect(created([authority('a', -4 * HOUR, 4 * HOUR)])).toEqual([8])
    expect(created([authority('a', -HOUR, HOUR)])).toEqual([5])
    expect(created([authority('a', 0, 5 * HOUR)])).toEqual([8])
    expect(created([authority('a', 0, 8 * HOUR)])).toEqual([4])
    expect(created([authority('a', 0, 16 * HOUR)])).toEqual([8])
  })

  test('leaves alone what is in order', () => {
    const input = { stored: [first, second], known: [first, second], trusted: new Set(['first', 'second']) }
    expect(plan({ ...input, serving: 'first' })).toEqual({
      keep: [first, second],
      create: [],
      problems: [],
      isChanged: false,
    })
  })

  test('counts an authority of a clock that is a little ahead, and none of the far future', () => {
    expect(created([first, authority('a', 4 * MINUTE, 7 * HOUR)])).toEqual([])
    expect(created([first, authority('a', 6 * MINUTE, 7 * HOUR)])).toEqual([7])
  })

  test('keeps what has expired until another is made long after, and retires it then', () => {
    const expired = (ago: number): Authority => authority('old', -9 * HOUR, -ago)
    expect(plan({ stored: [expired(2 * HOUR), first, second] }).isChanged).toBe(false)
    expect(plan({ stored: [expired(59 * MINUTE), second] }).keep).toEqual([expired(59 * MINUTE), second])
    expect(plan({ stored: [expired(HOUR), second] }).keep).toEqual([
      { ...expired(HOUR), key: undefined, until: NOW + graceOf(terms) },
      second,
    ])
  })

  test('drops what has retired when its time is over, unless it is served here', () => {
    const retired = authority('old', -HOUR, HOUR, { key: undefined, until: NOW })
    expect(plan({ stored: [retired, first, second] }).keep).toEqual([first, second])
    expect(plan({ stored: [retired, first, second], serving: 'old' }).isChanged).toBe(false)
    expect(plan({ stored: [{ ...retired, until: NOW + 1 }, first, second] }).isChanged).toBe(false)
  })

  test('retires what is trusted or served and was taken out, and says so', () => {
    const input = { stored: [second], known: [first, second], trusted: new Set(['first']) }
    const retired = { ...first, key: undefined, until: NOW + graceOf(terms) }
    expect(plan(input)).toMatchObject({ keep: [second, retired], isChanged: true })
    expect(plan(input).problems.map(({ code }) => code)).toEqual(['AuthorityCorrupt'])
    expect(plan({ ...input, trusted: new Set() }).keep).toEqual([second])
    expect(plan({ ...input, trusted: new Set(), serving: 'first' }).keep).toEqual([second, retired])
    const known = [{ ...first, key: undefined, until: NOW + MINUTE }, second]
    expect(plan({ ...input, known }).keep).toEqual([second])
  })

  test('drops what lasts too long, or retires it where it is trusted', () => {
    const long = authority('long', -HOUR, 15 * HOUR + 1)
    expect(plan({ stored: [first, second, long] })).toMatchObject({ keep: [first, second], create: [] })
    expect(plan({ stored: [first, second, long] }).problems).toHaveLength(1)
    const trusted = plan({ stored: [first, second, long], trusted: new Set(['long']) })
    expect(trusted).toMatchObject({ isChanged: true, problems: [] })
    expect(trusted.keep[2]).toMatchObject({ id: 'long', key: undefined, until: NOW + longestGraceOf(terms) })
    expect(plan({ stored: [first, second, authority('a', -HOUR, 15 * HOUR)] }).isChanged).toBe(false)
  })
})

describe('one without key', () => {
  const retired = (until: number, change: Partial<Authority> = {}): Authority =>
    authority('old', -HOUR, 3 * HOUR, { key: undefined, until: NOW + until, ...change })
  const longest = longestGraceOf(terms) + 5 * MINUTE

  test('that is to be trusted for longer than any replica says is trusted for as long as the others, and it is said', () => {
    expect(plan({ stored: [retired(longest), first, second] }).isChanged).toBe(false)
    const { keep, problems } = plan({ stored: [retired(longest + 1), first, second], serving: 'old' })
    expect(keep).toEqual([retired(graceOf(terms)), first, second])
    expect(problems.map(({ code }) => code)).toEqual(['AuthorityCorrupt'])
  })

  test('that lasts too long is dropped, and where it is trusted when its time is over', () => {
    const long = retired(MINUTE, { expires: NOW + 15 * HOUR + 1 })
    const dropped = plan({ stored: [long, first, second] })
    expect(dropped.keep).toEqual([first, second])
    expect(dropped.problems).toHaveLength(1)
    expect(plan({ stored: [long, first, second], trusted: new Set(['old']) }).isChanged).toBe(false)
    const over = plan({ stored: [{ ...long, until: NOW }, first, second], trusted: new Set(['old']) })
    expect(over).toMatchObject({ keep: [first, second], problems: [] })
  })
})

describe('of more than sixteen', () => {
  const strangers = Array.from({ length: 40 }, (_, index) => authority(`x${index}`, -HOUR, HOUR + index))
  const isThere = (keep: readonly Authority[], id: string): boolean => keep.some((each) => each.id === id)

  test('what is served or trusted stays, the excess is dropped and missed by nobody', () => {
    const old = authority('old', -HOUR, 3 * HOUR, { key: undefined, until: NOW + MINUTE })
    const stored = [...strangers, old, first, second]
    const input = { known: [first, second], trusted: new Set(['first', 'second', 'old']), serving: 'first' }
    const { keep, create, problems } = plan({ ...input, stored })
    expect(keep).toHaveLength(16)
    expect(keep.slice(-3)).toEqual([old, first, second])
    expect(create).toEqual([])
    expect(problems.map(({ message }) => message)).toEqual(['there are more than 16'])
    const known = [...stored]
    expect(plan({ ...input, stored: keep, known })).toMatchObject({ isChanged: false, problems: [], create: [] })
  })

  test('two that can sign stay, though all the others are trusted', () => {
    const trusted = strangers.map((each): Authority => ({ ...each, key: undefined, until: NOW + MINUTE }))
    const stored = [...trusted, first, second]
    const { keep } = plan({ stored, trusted: new Set(trusted.map(({ id }) => id)) })
    expect(keep).toHaveLength(16)
    expect([isThere(keep, 'first'), isThere(keep, 'second')]).toEqual([true, true])
  })

  test('room is made for what is created', () => {
    const retired = strangers.slice(0, 16).map((each): Authority => ({ ...each, key: undefined, until: NOW + MINUTE }))
    const { keep, create } = plan({ stored: retired })
    expect([keep.length, create.length]).toEqual([14, 2])
  })

  test('what was taken out gets the place of what nobody needs, or stays out without a word', () => {
    const full = strangers.slice(0, 16)
    const input = { known: [first], serving: undefined, trusted: new Set(['first']) }
    expect(isThere(plan({ ...input, stored: full }).keep, 'first')).toBe(true)
    const trusted = new Set(['first', ...full.map(({ id }) => id)])
    expect(plan({ ...input, stored: full, trusted })).toMatchObject({ keep: full, isChanged: false, problems: [] })
  })
})

describe('whatever there is', () => {
  const hours = fc.integer({ min: -20, max: 20 }).map((number) => number * 30 * MINUTE)
  const authorities = fc.array(
    fc
      .record({ begin: hours, life: fc.integer({ min: 1, max: 40 }), isRetired: fc.boolean(), until: hours })
      .map(({ begin, life, isRetired, until }) => ({
        ...authority('', begin, begin + life * 30 * MINUTE),
        ...(isRetired && { key: undefined, until: NOW + until }),
      })),
    { maxLength: 5 },
  )
  const named = authorities.map((all) => all.map((each, index) => ({ ...each, id: `a${index}` })))
  const ids = fc.subarray(['a0', 'a1', 'a2', 'a3', 'a4'])

  test('two can sign afterwards, and once it is done nothing is left to do', () => {
    const property = fc.property(named, ids, fc.option(fc.constantFrom('a0', 'a1')), (stored, trusted, serving) => {
      const input = { known: stored, trusted: new Set(trusted), serving: serving ?? undefined }
      const { keep, create } = plan({ ...input, stored })
      const made = create.map((validity, index) => authority(`new${index}`, 0, validity.expires - NOW))
      const after = [...keep, ...made]
      expect(after.filter((each) => isUsable(each, NOW)).length).toBeGreaterThanOrEqual(2)
      const left = made.map(({ expires }) => expires - NOW)
      for (const each of left) expect(each).toBeGreaterThanOrEqual(terms.caLifetime / 4)
      for (const each of left) expect(each).toBeLessThanOrEqual(terms.caLifetime)
      expect(plan({ ...input, stored: after, known: after })).toMatchObject({ isChanged: false, create: [] })
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  test('nothing that is trusted or served here leaves in one step, unless its time is over', () => {
    const property = fc.property(named, ids, ids, (pool, held, trusted) => {
      const stored = pool.filter(({ id }) => held.includes(id))
      const { keep } = plan({ stored, known: pool, trusted: new Set(trusted), serving: 'a0' })
      const isNeeded = ({ id, key, until = NOW, created, expires }: Authority): boolean =>
        expires > NOW &&
        (id === 'a0' ||
          (trusted.includes(id) && key !== undefined) ||
          (held.includes(id) && until > NOW && (trusted.includes(id) || expires - created <= 2 * terms.caLifetime)))
      const kept = keep.map(({ id }) => id)
      expect(kept).toEqual(expect.arrayContaining(pool.filter(isNeeded).map(({ id }) => id)))
    })
    fc.assert(property, { numRuns: 1_000 })
  })
})

describe('the order of signing', () => {
  const order = (...authorities: Authority[]): string[] => signingOrder(authorities, NOW, terms).map(({ id }) => id)

  test('is the first to expire while it has more than the margin left, at the end the last', () => {
    expect(order(second, first)).toEqual(['first', 'second'])
    const ending = authority('ending', -HOUR, HOUR)
    expect(order(second, ending)).toEqual(['second', 'ending'])
    expect(order(second, { ...ending, expires: ending.expires + 1 })).toEqual(['ending', 'second'])
    expect(order(ending, authority('sooner', -HOUR, MINUTE))).toEqual(['ending', 'sooner'])
  })

  test('leaves out what has retired, has expired or is not valid yet', () => {
    expect(order({ ...first, key: undefined }, authority('b', -HOUR, 0), authority('c', 6 * MINUTE, HOUR))).toEqual([])
  })
})
