import type { Look } from '../../../src/credentials/clock.ts'
import { createSession, type RunningSession, type SettledEvent } from '../../../src/credentials/driver.ts'
import type { SessionState } from '../../../src/credentials/machine.ts'
import { CLIENT_WINDOWS } from '../../../src/credentials/schedule.ts'
import type { Instant, Milliseconds, SessionCredentials } from '../../../src/credentials/types.ts'
import { type Code, codes, Failure, type Retry } from '../../../src/errors/index.ts'
import { measureSkew } from '../../../src/federation/skew.ts'
import { createVirtualClock, UPTIME, type VirtualClock } from '../../support/virtualClock.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
/** 2026-03-04T05:06:07.000Z */
export const NOW = Date.UTC(2026, 2, 4, 5, 6, 7)
export const ROLE = 'arn:aws:iam::111122223333:role/app'

/** A look at the clocks at that instant; `setBy` is how far the clock was set since NOW, forward or back. */
export const at = (now: Instant, setBy: Milliseconds = 0): Look => ({ now, uptime: now - setBy - NOW + UPTIME })

export const credentials = (change: Partial<SessionCredentials> = {}): SessionCredentials => ({
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
  expires: NOW + HOUR,
  issued: NOW,
  skew: 0,
  roleArn: ROLE,
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/app/session',
  accountId: '111122223333',
  ...change,
})

/** As STS and the exchange make them: STS's clock is the true one, its Date is a second coarse and has travelled. */
export function issue(clock: VirtualClock, lifetime: Milliseconds, travelled: Milliseconds = 0): SessionCredentials {
  const issued = Math.floor((clock.trueNow() - travelled) / SECOND) * SECOND
  return credentials({ issued, expires: issued + lifetime, skew: measureSkew(issued, clock.now()) })
}

export const failure = (code: Code): Failure => new Failure({ code, message: 'so it is' })

/** The codes that retry in that way. */
export const codesOf = (retry: Retry): readonly Code[] =>
  (Object.keys(codes) as Code[]).filter((code) => 'retry' in codes[code] && failure(code).retry === retry)

type Attempt = {
  readonly at: Instant
  readonly signal: AbortSignal
  readonly succeed: (lifetime?: Milliseconds) => void
  readonly fail: (thrown: unknown) => void
}

type Bench = {
  readonly clock: VirtualClock
  readonly session: RunningSession
  /** Every call of `obtain`, to be answered by the test. */
  readonly attempts: readonly Attempt[]
  readonly settled: readonly { readonly state: SessionState; readonly event: SettledEvent }[]
  /** The latest attempt; fails when there is none. */
  readonly latest: () => Attempt
  readonly held: () => { readonly credentials: SessionCredentials; readonly expires: Instant }
}

type BenchOptions = {
  readonly clock?: VirtualClock
  /** Constant; 0 by default: nothing early, the shortest backoff. */
  readonly random?: number
  readonly restored?: SessionState
}

/** A session whose STS is the test. */
export function bench({ clock = createVirtualClock({ start: NOW }), random = 0, restored }: BenchOptions = {}): Bench {
  const attempts: Attempt[] = []
  const settled: { state: SessionState; event: SettledEvent }[] = []
  const session = createSession({
    name: 'default',
    clock,
    random: () => random,
    window: CLIENT_WINDOWS.container,
    obtain: (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<SessionCredentials>()
      const succeed = (lifetime = HOUR): void => resolve(issue(clock, lifetime))
      attempts.push({ at: clock.now(), signal, succeed, fail: reject })
      return promise
    },
    onSettled: (state, event) => settled.push({ state, event }),
    ...(restored !== undefined && { restored }),
  })
  const latest = (): Attempt => {
    const attempt = attempts.at(-1)
    if (attempt === undefined) throw new Error('there was no attempt')
    return attempt
  }
  const held = () => {
    const view = session.view()
    if (view.kind === 'none') throw new Error(`nothing is held: ${view.lastFailure?.message}`)
    return view
  }
  return { clock, session, attempts, settled, latest, held }
}

/** Started, with credentials of that lifetime. */
export async function benchWithCredentials(options: BenchOptions & { lifetime?: Milliseconds } = {}): Promise<Bench> {
  const made = bench(options)
  made.session.start()
  made.latest().succeed(options.lifetime)
  await made.clock.advance(0)
  return made
}

/** Deterministic, uniform in [0, 1) (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Whether it has settled, without waiting for it. */
export function watch(promise: Promise<void>): { readonly done: () => boolean } {
  let done = false
  promise.then(
    () => {
      done = true
    },
    () => {},
  )
  return { done: () => done }
}
