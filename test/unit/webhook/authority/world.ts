import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { type Code, Failure } from '../../../../src/errors/index.ts'
import { createMint, type Mint } from '../../../../src/webhook/authority/mint.ts'
import type { SecretStore, TrustStore, WriteResult } from '../../../../src/webhook/authority/ports.ts'
import { type RunningAuthority, startAuthority } from '../../../../src/webhook/authority/startAuthority.ts'
import type { AuthorityClock, AuthoritySettings, Milliseconds } from '../../../../src/webhook/authority/types.ts'
import { createVirtualClock, type VirtualClock } from '../../../support/virtualClock.ts'
import { seededRandom } from '../../credentials/support.ts'
import { type LoggedLine, memoryLog } from '../reviews.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const settings: AuthoritySettings = {
  service: 'lanyard-webhook',
  namespace: 'lanyard-system',
  caLifetime: 2 * HOUR,
  certificateLifetime: 20 * MINUTE,
  settle: 5 * SECOND,
}

export type Call = 'readSecret' | 'writeSecret' | 'readTrust' | 'writeTrust'
type Bundles = { readonly at: Milliseconds; readonly bundles: readonly string[] }

/** The two objects in an API server. What it is asked can fail, be refused as a conflict, or hang until the test says so. */
export class MemoryCluster {
  values: Readonly<Record<string, string>> = {}
  bundles: readonly string[] = ['', '']
  /** All bundles there ever were, by the true time since when. */
  readonly history: Bundles[] = []
  readonly calls: Call[] = []
  /** What happens to the next calls. */
  meet: (call: Call) => Code | 'conflict' | Promise<void> | undefined = () => undefined
  /** Whether the answer to what was done is lost on its way. */
  loses: (call: Call) => boolean = () => false
  /** Told after every change. */
  onChange: () => void = () => {}
  #versions = 1
  #secretVersion = 'v1'
  #trustVersion = 'v1'
  readonly #now: () => Milliseconds

  constructor(now: () => Milliseconds) {
    this.#now = now
    this.history.push({ at: now(), bundles: this.bundles })
  }

  /** Somebody else writes the Secret. */
  setValues(values: Readonly<Record<string, string>>): void {
    this.values = values
    this.#secretVersion = this.#nextVersion()
    this.onChange()
  }

  /** Somebody else writes the configuration. */
  setBundles(bundles: readonly string[]): void {
    this.bundles = bundles
    this.#trustVersion = this.#nextVersion()
    this.history.push({ at: this.#now(), bundles })
    this.onChange()
  }

  /** The bundles that an API server may still go by which learns of changes within `lag`. */
  believed(lag: Milliseconds): readonly string[] {
    const last = this.history.findLastIndex(({ at }) => at <= this.#now() - lag)
    return this.history.slice(Math.max(0, last)).flatMap(({ bundles }) => bundles)
  }

  readonly secret: SecretStore = {
    read: () => this.#call('readSecret', () => ({ values: this.values, version: this.#secretVersion })),
    write: (changes, { version }) =>
      this.#call('writeSecret', (isRefused) => {
        if (isRefused || version !== this.#secretVersion) return 'conflict'
        const all = Object.entries({ ...this.values, ...changes })
        this.setValues(Object.fromEntries(all.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))))
        return 'written'
      }),
  }
  readonly trust: TrustStore = {
    read: () => this.#call('readTrust', () => ({ bundles: this.bundles, version: this.#trustVersion })),
    write: (bundles, version) =>
      this.#call('writeTrust', (isRefused): WriteResult => {
        if (isRefused || version !== this.#trustVersion) return 'conflict'
        this.setBundles(bundles)
        return 'written'
      }),
  }

  async #call<T>(call: Call, act: (isRefused: boolean) => T): Promise<T> {
    this.calls.push(call)
    const met = this.meet(call)
    if (met instanceof Promise) await met
    else if (met !== undefined && met !== 'conflict') throw new Failure({ code: met, message: 'so it is' })
    const answer = act(met === 'conflict')
    if (this.loses(call)) throw new Failure({ code: 'ClusterUnreachable', message: 'so it is' })
    return answer
  }

  #nextVersion(): string {
    this.#versions += 1
    return `v${this.#versions}`
  }
}

export type Replica = {
  readonly authority: RunningAuthority
  readonly lines: readonly LoggedLine[]
  /** What the metric was set to, in Unix seconds. */
  readonly caExpires: readonly number[]
  /** Its own clock is set, forward or back. */
  readonly jump: (by: Milliseconds) => void
  /** It is at something else for so long: no timer of its own fires meanwhile. */
  readonly stall: (time: Milliseconds) => void
}

export type World = {
  readonly clock: VirtualClock
  readonly cluster: MemoryCluster
  readonly start: (changes?: { offset?: Milliseconds; settings?: Partial<AuthoritySettings> }) => Replica
  readonly advance: (time: Milliseconds) => Promise<void>
}

type WorldOptions = {
  readonly settings?: Partial<AuthoritySettings>
  readonly start?: number
  /** Whether replicas are told of changes. */
  readonly hasWatch?: boolean
  /** After every timer. */
  readonly check?: () => void
}

/** Replicas, an API server and a time that passes when the test says so; keys are made meanwhile. */
export function createWorld(options: WorldOptions = {}): World {
  let making = 0
  const settle = async (): Promise<void> => {
    do await turnOfTheLoop()
    while (making > 0)
    options.check?.()
  }
  const clock = createVirtualClock({ settle, ...(options.start !== undefined && { start: options.start }) })
  const cluster = new MemoryCluster(clock.trueNow)
  const running = new Set<RunningAuthority>()
  if (options.hasWatch !== false) {
    cluster.onChange = () => {
      for (const authority of running) clock.wakeAt(clock.now(), authority.changed)
    }
  }
  const counted = async <T>(made: Promise<T>): Promise<T> => {
    making += 1
    try {
      return await made
    } finally {
      making -= 1
    }
  }
  const start: World['start'] = ({ offset = 0, settings: changes = {} } = {}) => {
    const all = { ...settings, ...options.settings, ...changes }
    let ahead = offset
    let stalled = 0
    const own: AuthorityClock = {
      now: () => clock.now() + ahead,
      uptime: () => clock.uptime() + stalled,
      wakeAt: (at, fn) => clock.wakeAt(at - ahead, fn),
    }
    const real = createMint(all)
    const mint: Mint = {
      authority: (validity) => counted(real.authority(validity)),
      leaf: (signer, expires) => counted(real.leaf(signer, expires)),
    }
    const log = memoryLog()
    const caExpires: number[] = []
    const { secret, trust } = cluster
    const random = seededRandom(running.size + 1)
    const metrics = { caExpires: (seconds: number) => void caExpires.push(seconds) }
    const authority = startAuthority({ secret, trust, clock: own, random, settings: all, log, metrics, mint })
    running.add(authority)
    onTestFinished(() => authority.stop())
    const jump = (by: Milliseconds): void => {
      ahead += by
    }
    const stall = (time: Milliseconds): void => {
      stalled += time
    }
    return { authority, lines: log.lines, caExpires, jump, stall }
  }
  return { clock, cluster, start, advance: clock.advance }
}
