import type { CertificateSource } from '../tls.ts'
import { createLeafKeeper, type LeafKeeper } from './leaf.ts'
import { createMint, type Mint } from './mint.ts'
import { createPasses, type Passes } from './passes.ts'
import { createTrustRecord, type TrustRecord } from './trust.ts'
import type { AuthorityParts, Milliseconds } from './types.ts'
import { marginOf } from './validity.ts'

/** Clocks are set and machines sleep: everything is judged anew at least that often. */
const LONGEST_WAIT: Milliseconds = 60_000

/** An authority at work: a certificate source as soon as it is ready. */
export type RunningAuthority = CertificateSource & {
  /** Resolves when a certificate is served that the API server trusts. */
  ready(): Promise<void>
  /** Whether there is such a certificate, and it has not expired. */
  trusted(): boolean
  /** The Secret or the webhook configuration is another than before: what is to be done is found out at once. */
  changed(): void
  stop(): void
}

/**
 * The webhook's own certificate authority, shared with the other replicas by a Secret. Keeps two authorities in the Secret
 * and in every caBundle, and a serving certificate of one of them in memory. While the API server is away it goes on with what
 * it has. `current` throws Failure CertificateInvalid before it is ready.
 */
export function startAuthority(parts: AuthorityParts & { readonly mint?: Mint }): RunningAuthority {
  const mint = parts.mint ?? createMint(parts.settings)
  const record = createTrustRecord(parts.clock, parts.settings)
  const keeper = createLeafKeeper({ ...parts, mint, record })
  const passes = createPasses({ ...parts, mint, record, keeper })
  const { promise: isReady, resolve: setReady } = Promise.withResolvers<void>()
  keeper.onChange(() => setReady())
  const engine = startEngine(parts, { keeper, passes, record })
  return {
    current: keeper.current,
    onChange: keeper.onChange,
    ready: () => isReady,
    trusted: keeper.isServed,
    changed() {
      passes.hurry()
      engine.turn()
    },
    stop() {
      engine.stop()
      passes.stop()
      keeper.stop()
    },
  }
}

type Moving = { readonly keeper: LeafKeeper; readonly passes: Passes; readonly record: TrustRecord }

/** Does what is due, and wakes up for what is next. A pass that takes long keeps no certificate from being renewed. */
function startEngine(parts: AuthorityParts, moving: Moving): { turn(): void; stop(): void } {
  const { keeper, passes } = moving
  const { clock } = parts
  let isStopped = false
  let cancelWake = (): void => {}
  const arm = (): void => {
    cancelWake()
    if (!isStopped) cancelWake = clock.wakeAt(clock.now() + nextWait(parts, moving), turn)
  }
  const turn = (): void => {
    if (isStopped) return
    if (passes.isDue()) void passes.run().then(turn)
    // What came due meanwhile would be passed over: of a time that is over nobody is woken.
    void keeper.consider(passes.held()).then((isReplaced) => (isReplaced || passes.isDue() ? turn() : arm()))
    arm()
  }
  turn()
  return {
    turn,
    stop() {
      isStopped = true
      cancelWake()
    },
  }
}

function nextWait({ clock, settings }: AuthorityParts, { keeper, passes, record }: Moving): Milliseconds {
  const authorities = passes.held()
  const margin = marginOf(settings)
  const instants = authorities.flatMap(({ expires, until }) => [expires - margin, expires, until])
  const waits = [
    passes.nextAt() - clock.uptime(),
    ...[...instants, keeper.renewsAt()].map((instant) => (instant ?? 0) - clock.now()),
    ...authorities.map((authority) => record.settlesIn(authority) ?? 0),
  ]
  // Up, for a clock may be coarser than what is left: to be woken too early would be to be woken again and again.
  return Math.ceil(Math.min(LONGEST_WAIT, ...waits.filter((wait) => wait > 0)))
}
