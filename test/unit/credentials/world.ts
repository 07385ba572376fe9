import { expect } from 'vitest'
import { lookAt } from '../../../src/credentials/clock.ts'
import { createSession, type RunningSession } from '../../../src/credentials/driver.ts'
import { restoreState } from '../../../src/credentials/restore.ts'
import { CLIENT_WINDOWS, HARD_STOP } from '../../../src/credentials/schedule.ts'
import type { Instant, Milliseconds, SessionCredentials } from '../../../src/credentials/types.ts'
import type { Code } from '../../../src/errors/index.ts'
import { aFewMicrotasks, createVirtualClock, type VirtualClock } from '../../support/virtualClock.ts'
import { failure, issue, NOW, SECOND, seededRandom } from './support.ts'

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

/** What may be lost of a life: the noise of a skew (5 s), the Date's whole seconds, the noise of a clock that was set. */
const NOISE = 8 * SECOND

/**
 * A session between an STS that knows the true time and a pod whose clock anybody may set, in a sidecar that may be killed.
 * What must hold is checked after every timer, and by `check` whenever the test wants it.
 */
export class World {
  readonly clock: VirtualClock
  /** When each attempt was made, in true time. */
  readonly attempts: Instant[] = []
  /** Whether the view was ever without credentials, since there first were some. */
  wasNone = false
  readonly #options: WorldOptions
  #session: RunningSession
  /** What the state file holds. */
  #kept = '{}'
  #current: SessionCredentials | undefined
  #overlaps = 0
  /** How far the clock was set forward since the credentials came: that much of their life is given up. */
  #ahead = 0
  #underWay: AbortSignal | undefined

  constructor(options: WorldOptions) {
    const settle = async (): Promise<void> => {
      await aFewMicrotasks()
      this.check()
    }
    this.#options = options
    this.clock = createVirtualClock({ start: NOW, settle })
    this.clock.jump(options.offset ?? 0)
    this.#session = this.#create()
  }

  get session(): RunningSession {
    return this.#session
  }

  jump(by: Milliseconds): void {
    this.#setClock(by)
    this.check()
  }

  #setClock(by: Milliseconds): void {
    this.clock.jump(by)
    this.#ahead += Math.max(0, by)
  }

  suspend(time: Milliseconds): void {
    this.clock.suspend(time)
    this.check()
  }

  /** Killed, and started again after a while. */
  restart(away: Milliseconds, jump: Milliseconds): void {
    this.#session.stop()
    this.clock.suspend(away)
    this.#setClock(jump)
    this.#session = this.#create()
    this.check()
    this.#session.start()
  }

  #create(): RunningSession {
    const { act, lifetime, seed } = this.#options
    const restored = restoreState(JSON.parse(this.#kept), 'default', 'f', lookAt(this.clock))
    return createSession({
      name: 'default',
      clock: this.clock,
      random: seededRandom(seed + this.attempts.length),
      window: CLIENT_WINDOWS.container,
      obtain: (signal) => this.#obtain(act(this.attempts.length), lifetime, signal),
      ...(restored !== undefined && { restored }),
      onSettled: (state, event) => {
        this.#kept = JSON.stringify({ default: { fingerprint: 'f', state } })
        this.#underWay = undefined
        if (event.kind !== 'obtained') return
        this.#current = event.credentials
        this.#ahead = 0
      },
    })
  }

  get #isUnderWay(): boolean {
    return this.#underWay !== undefined && !this.#underWay.aborted
  }

  readonly check = (): void => {
    expect(this.#overlaps, 'attempts beside another').toBe(0)
    const view = this.#session.view()
    const life = this.#current === undefined ? 0 : this.#current.expires - this.clock.trueNow()
    if (view.kind === 'none') {
      if (this.#current !== undefined) this.wasNone = true
      expect(life, 'the life of what is held and not served').toBeLessThanOrEqual(HARD_STOP + NOISE + this.#ahead)
      return
    }
    expect(view.credentials.expires).toBe(this.#current?.expires)
    expect(life, 'the life of what is served').toBeGreaterThan(0)
    const promised = view.expires - this.clock.now()
    expect(promised - life, 'what the Expiration promises too much').toBeLessThan(HARD_STOP)
  }

  #obtain(act: StsAct, lifetime: Milliseconds, signal: AbortSignal): Promise<SessionCredentials> {
    const { clock } = this
    // Only noted: thrown here, it would be one more failure of STS.
    if (this.#isUnderWay) this.#overlaps += 1
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
