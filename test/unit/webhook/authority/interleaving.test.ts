import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certificatesIn, checkTrust } from './checks.ts'
import { type Call, createWorld, MINUTE, type Replica, SECOND, type World } from './world.ts'

type Gate = { readonly since: number; readonly open: () => void }
type Step = { readonly pick: number; readonly wait: number; readonly lost: boolean }

/** An exchange with the API server takes no longer: whoever asked gives up then. */
const LONGEST = 5 * SECOND
const lifetimes = { caLifetime: 2 * MINUTE, certificateLifetime: MINUTE }

/** Every call of every replica waits until it is let through, in whatever order. */
function gated(world: World): { readonly gates: Gate[]; isLost: boolean } {
  const state = { gates: [] as Gate[], isLost: false }
  world.cluster.meet = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    state.gates.push({ since: world.clock.trueNow(), open: resolve })
    return promise
  }
  world.cluster.loses = (call: Call) => state.isLost && call.startsWith('write')
  return state
}

/** Lets one call through, and those that have waited too long; then time passes. */
async function take(world: World, state: ReturnType<typeof gated>, { pick, wait, lost }: Step): Promise<void> {
  const { gates } = state
  state.isLost = lost
  gates.splice(pick % Math.max(1, gates.length), 1)[0]?.open()
  await world.advance(0)
  state.isLost = false
  await world.advance(wait)
  const isLate = ({ since }: Gate): boolean => world.clock.trueNow() - since >= LONGEST
  for (let late = gates.findIndex(isLate); late >= 0; late = gates.findIndex(isLate)) {
    gates.splice(late, 1)[0]?.open()
    await world.advance(0)
  }
}

async function end(world: World, state: ReturnType<typeof gated>): Promise<void> {
  world.cluster.meet = () => undefined
  for (const { open } of state.gates.splice(0)) open()
  await world.advance(30 * SECOND)
}

const steps = fc.array(
  fc.record({
    pick: fc.nat({ max: 5 }),
    wait: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * SECOND })),
    lost: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  }),
  { minLength: 60, maxLength: 120 },
)

test('in whatever order the calls of replicas arrive, what is served is trusted, and they come to an end', async () => {
  const property = fc.asyncProperty(steps, fc.integer({ min: 2, max: 3 }), async (taken, count) => {
    const replicas: Replica[] = []
    const world = createWorld({ settings: lifetimes, check: () => checkTrust(world, replicas) })
    const state = gated(world)
    for (const [index, step] of taken.entries()) {
      if (index % 15 === 0 && replicas.length < count) replicas.push(world.start())
      await take(world, state, step)
      checkTrust(world, replicas)
    }
    await end(world, state)
    checkTrust(world, replicas)
    expect(replicas.map(({ authority }) => authority.trusted())).toEqual(replicas.map(() => true))
    expect(new Set(world.cluster.bundles).size).toBe(1)
    // No older bundle ever came over a newer one.
    const written = world.cluster.history.map(({ bundles }) => bundles[0])
    expect(new Set(written).size).toBe(written.length)
    expect(certificatesIn(world.cluster.bundles[0] ?? '').length).toBeLessThanOrEqual(4)
    // What is left to do is what time brings: a new authority a minute, with its bundle.
    const writes = (): number => world.cluster.history.length
    const before = writes()
    await world.advance(2 * MINUTE)
    expect(writes() - before).toBeLessThanOrEqual(4)
    for (const { authority } of replicas) authority.stop()
  })
  // Shrinking would take minutes.
  await fc.assert(property, { numRuns: 10, endOnFailure: true })
}, 120_000)
