import { expect } from 'vitest'
import { createSession, type RunningSession } from '../../../src/credentials/driver.ts'
import { CLIENT_WINDOWS, HARD_STOP } from '../../../src/credentials/schedule.ts'
import type { Instant, Milliseconds, SessionCredentials } from '../../../src/credentials/types.ts'
import type { Code } from '../../../src/errors/index.ts'
import { aFewMicrotasks, createVirtualClock, type VirtualClock } from '../../support/virtualClock.ts'
import { failure, issue, NOW, ROLE, SECOND, seededRandom } from './support.ts'

/** What STS does with one attempt. The half of `takes` is the way back, during which the Date of the answer ages. */
export type StsAct =
  | { readonly kind: 'ok' | 'hang' | 'throw'; readonly takes: Milliseconds }
  | { readonly kind: 'fail'; readonly takes: Milliseconds; readonly code: Code }

type WorldOptions = {
  readonly lifetime: Milliseconds
  /** The pod's clock minus the true one, at the start. */
  readonly offset?: Milliseconds
  readonly seed: number
  /** The act for an attempt, by its number. */
  readonly act: (attempt: number) => StsAct
}

/** What the noise of a skew (5 s) and the Date's whole seconds may cost of a life. */
const NOISE = 6 * SECOND

/**
 * A session between an STS that knows the true time and a pod whose clock anybody may set. What must hold is checked
 * after every timer, and by `check` whenever the test wants it.
 */
export class World {
  readonly clock: VirtualClock
  readonly session: RunningSession
  /** When each attempt was made, in true time. */
  readonly attempts: Instant[] = []
  /** Whether the view was ever without credentials, since there first were some. */
  wasNone = false
  #current: SessionCredentials | undefined
  #forward = 0
  #wasSetBack = false
  #slept = false
  #overlaps = 0
  #underWay: AbortSignal | undefined

  constructor({ lifetime, offset = 0, seed, act }: WorldOptions) {
    const settle = async (): Promise<void> => {
      await aFewMicrotasks()
      this.check()
    }
    this.clock = createVirtualClock({ start: NOW, settle })
    this.clock.jump(offset)
    this.session = createSession({
      name: 'default',
      roleArn: ROLE,
      clock: this.clock,
      random: seededRandom(seed),
      window: CLIENT_WINDOWS.container,
      obtain: (signal) => this.#obtain(act(this.attempts.length), lifetime, signal),
      onSettled: (_, event) => {
        this.#underWay = undefined
        if (event.kind === 'failed') return
        this.#current = event.credentials
        this.#forward = 0
        this.#wasSetBack = false
      },
    })
  }

  /**
   * Sets the clock. Back only where that can be told: once in the life of the same credentials, since up to a wake-up of
   * each such step goes unseen, and after a sleep only once the machine has looked, since the two may cancel out.
   */
  jump(by: Milliseconds): void {
    if (by < 0 && (this.#wasSetBack || (this.#slept && this.#isUnderWay))) return
    if (by < 0 && this.#slept) void this.session.asked(0)
    this.clock.jump(by)
    if (by < 0) this.#wasSetBack = true
    else this.#forward += by
    this.check()
  }

  /** Sleeps; the same the other way round. */
  suspend(time: Milliseconds): void {
    if (this.#wasSetBack && this.#isUnderWay) return
    if (this.#wasSetBack) void this.session.asked(0)
    this.clock.suspend(time)
    this.#slept = true
    this.check()
  }

  get #isUnderWay(): boolean {
    return this.#underWay !== undefined && !this.#underWay.aborted
  }

  readonly check = (): void => {
    expect(this.#overlaps, 'attempts beside another').toBe(0)
    const view = this.session.view()
    const life = this.#current === undefined ? 0 : this.#current.expires - this.clock.trueNow()
    if (view.kind === 'none') {
      if (this.#current !== undefined) this.wasNone = true
      expect(life, 'the life of what is held and not served').toBeLessThanOrEqual(HARD_STOP + NOISE + this.#forward)
      return
    }
    expect(view.credentials).toBe(this.#current)
    expect(life, 'the life of what is served').toBeGreaterThan(0)
    const promised = view.expires - this.clock.now()
    expect(promised - life, 'what the Expiration promises too much').toBeLessThan(HARD_STOP)
  }

  #obtain(act: StsAct, lifetime: Milliseconds, signal: AbortSignal): Promise<SessionCredentials> {
    const { clock } = this
    // Only noted: thrown here, it would be one more failure of STS.
    if (this.#isUnderWay) this.#overlaps += 1
    this.#slept = false
    this.#underWay = signal
    this.attempts.push(clock.trueNow())
    if (act.kind === 'throw') throw new TypeError('not a promise')
    return new Promise((resolve, reject) => {
      if (act.kind === 'hang') return
      clock.wakeAt(clock.now() + act.takes, () => {
        if (act.kind === 'fail') return reject(failure(act.code))
        const fresh = issue(clock, lifetime, act.takes / 2)
        // So that the world looks at the very instant of expiry.
        clock.wakeAt(clock.now() + fresh.expires - clock.trueNow(), () => {})
        resolve(fresh)
      })
    })
  }
}
