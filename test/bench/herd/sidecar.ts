import {
  HARD_STOP,
  type Instant,
  initialState,
  type Look,
  type Milliseconds,
  restoreState,
  type SessionCredentials,
  type SessionEvent,
  type SessionState,
  step,
} from '../../../src/credentials/index.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'
import type { Answer } from './sts.ts'

/** One sidecar of the herd: the real machine, turned as `driver.ts` turns it. */
export type Sidecar = {
  state: SessionState
  /** What its state file holds. */
  kept: SessionState | undefined
  /** The answer that is under way. */
  answer: Answer | undefined
  /** When each thing of it happens next; Infinity when it does not. What the agenda says of another time is void. */
  wakeAt: Instant
  answerAt: Instant
  /** Infinity once the gate has let go. */
  gateAt: Instant
  begun: Instant | undefined
  passed: boolean
  restarts: number
  /** Whether what it held ever could not be served any more. */
  expired: boolean
}

export type World = {
  readonly lifetime: Milliseconds
  readonly window: Milliseconds
  readonly random: () => number
  readonly call: (now: Instant) => Answer
}

/** The simulation starts at that instant of the wall clock, where the machine has run for a day. */
const EPOCH = Date.UTC(2026, 2, 4)
const UPTIME = 86_400_000
export const lookAt = (now: Instant): Look => ({ now: EPOCH + now, uptime: UPTIME + now })
export const instantOf = (wall: Instant): Instant => wall - EPOCH

export const createSidecar = (): Sidecar => ({
  state: initialState(lookAt(0)),
  kept: undefined,
  answer: undefined,
  wakeAt: Number.POSITIVE_INFINITY,
  answerAt: Number.POSITIVE_INFINITY,
  gateAt: Number.POSITIVE_INFINITY,
  begun: undefined,
  passed: false,
  restarts: 0,
  expired: false,
})

/** As the process does at its start: with what the state file holds, and due at once. */
export function start(sidecar: Sidecar, now: Instant, world: World): void {
  const { kept } = sidecar
  const file = kept === undefined ? {} : { default: { fingerprint: '', state: kept } }
  sidecar.state = restoreState(file, 'default', '', lookAt(now)) ?? initialState(lookAt(now))
  turn(sidecar, { kind: 'due' }, now, world)
}

/** As the end of the process does: nothing is under way any more. */
export function stop(sidecar: Sidecar): void {
  sidecar.answer = undefined
  sidecar.wakeAt = Number.POSITIVE_INFINITY
  sidecar.answerAt = Number.POSITIVE_INFINITY
}

/** One event, and what the driver does of it; the sidecar then says when it is to be turned again. */
export function turn(sidecar: Sidecar, event: SessionEvent, now: Instant, world: World): void {
  const { state, effects } = step(sidecar.state, event, lookAt(now), world.window)
  sidecar.state = state
  if (event.kind === 'obtained' || event.kind === 'failed') sidecar.kept = state
  const [effect] = effects
  if (effect?.kind === 'obtain') attempt(sidecar, now, effect.within, world)
  else sidecar.wakeAt = instantOf(nextOf(state, lookAt(now).now))
}

/** The wake-ups before that change nothing but `seen`, and are left out. */
const nextOf = ({ held, retryAt }: SessionState, now: Instant): Instant =>
  Math.max(held?.renewAt ?? now, retryAt ?? now)

function attempt(sidecar: Sidecar, now: Instant, within: Milliseconds, { call }: World): void {
  const answer = call(now)
  sidecar.answer = answer.takes > within ? { takes: within, code: 'StsTimeout' } : answer
  sidecar.answerAt = now + sidecar.answer.takes
  sidecar.wakeAt = Number.POSITIVE_INFINITY
}

/** The answer is there. */
export function settle(sidecar: Sidecar, now: Instant, world: World): void {
  const { answer } = sidecar
  if (answer === undefined) throw new Error('an answer that nobody asked for')
  sidecar.answer = undefined
  sidecar.answerAt = Number.POSITIVE_INFINITY
  const jitter = world.random()
  const event: SessionEvent =
    answer.code === undefined
      ? { kind: 'obtained', credentials: issue(now - answer.takes / 2, world.lifetime), jitter }
      : { kind: 'failed', failure: failureOf(answer.code), jitter }
  turn(sidecar, event, now, world)
}

/** How long, at that instant, nothing that it held could be served; 0 for one that never held anything. */
export const lackOf = ({ state: { held } }: Sidecar, now: Instant): Milliseconds =>
  held === undefined ? 0 : Math.max(0, now - instantOf(held.expires - HARD_STOP))

const TEXTS = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret',
  sessionToken: 'session',
  roleArn: 'arn:aws:iam::111122223333:role/app',
  assumedRoleArn: 'arn:aws:sts::111122223333:assumed-role/app/session',
  accountId: '111122223333',
} as const

/** STS's Date is a second coarse. */
function issue(at: Instant, lifetime: Milliseconds): SessionCredentials {
  const issued = Math.floor((EPOCH + at) / 1000) * 1000
  return { ...TEXTS, expires: issued + lifetime, issued, skew: 0 }
}

const failures = new Map<Code, Failure>()
/** One for all: an error that knows its stack is dear. */
function failureOf(code: Code): Failure {
  const failure = failures.get(code) ?? new Failure({ code, message: 'so it is' })
  failures.set(code, failure)
  return failure
}
