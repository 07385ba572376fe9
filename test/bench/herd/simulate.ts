import type { Instant, Milliseconds } from '../../../src/credentials/index.ts'
import { seededRandom } from '../../unit/credentials/support.ts'
import { createAgenda } from './agenda.ts'
import { BOOT, GATE, restartAfter } from './kubelet.ts'
import { createSidecar, lackOf, type Sidecar, settle, start, stop, turn, type World } from './sidecar.ts'
import { createSts, type StsOptions } from './sts.ts'

/** Containers that start one after the other, evenly over a time. */
export type Start = { readonly sidecars: number; readonly from: Instant; readonly within: Milliseconds }

export type HerdOptions = {
  readonly starts: readonly Start[]
  /** How long it is looked at. */
  readonly span: Milliseconds
  readonly lifetime: Milliseconds
  /** The clients' window (`CLIENT_WINDOWS`). */
  readonly window: Milliseconds
  /** What kubelet's way of looking adds to a restart, at most; 0 keeps all pods in step, which is the worst. */
  readonly slack?: Milliseconds
  readonly sts?: Omit<StsOptions, 'random'>
  readonly seed: number
}

export type Herd = {
  /** Calls of STS by second, answered or not. */
  readonly calls: Uint32Array
  readonly credentials: number
  readonly restarts: number
  /** From the first start of a container to its first credentials, sorted. */
  readonly waits: readonly Milliseconds[]
  /** How many never got any. */
  readonly without: number
  /** How many ever could not serve what they held. */
  readonly expired: number
  /** The longest time that one of them was without, having held some before. */
  readonly longestLack: Milliseconds
}

const BEGIN = 0
const WAKE = 1
const ANSWER = 2
const GATE_ENDS = 3
const KINDS = 4

/**
 * Simulates a herd; the same options give the same herd. All of its instants count from its start. `jitter` stands in for
 * the machine's chance: to see what a broken one does.
 */
export function simulate(options: HerdOptions, jitter?: () => number): Herd {
  const run = open(options, jitter)
  const began = options.starts.flatMap(({ sidecars, from, within }) =>
    Array.from({ length: sidecars }, (_, index) => from + (within * index) / sidecars),
  )
  for (const [id, at] of began.entries()) run.agenda.add(at + BOOT, id * KINDS + BEGIN)
  const { span } = options
  for (let entry = run.agenda.next(); entry !== undefined && entry.at < span; entry = run.agenda.next())
    happen(run, entry.at, entry.what)
  for (const sidecar of run.herd) missed(run, sidecar, span)
  return summarise(run)
}

type Run = {
  readonly agenda: ReturnType<typeof createAgenda>
  readonly herd: readonly Sidecar[]
  readonly world: World
  readonly slack: () => Milliseconds
  readonly calls: Uint32Array
  readonly waits: Milliseconds[]
  credentials: number
  restarts: number
  longestLack: Milliseconds
}

function open(options: HerdOptions, jitter: (() => number) | undefined): Run {
  const { starts, span, lifetime, window, slack = 0, sts = {}, seed } = options
  const sidecars = starts.reduce((sum, start) => sum + start.sidecars, 0)
  // Each has its own, so that a change of the one does not shuffle the others.
  const [ofJitter, ofSts, ofKubelet] = [seededRandom(seed), seededRandom(seed + 1), seededRandom(seed + 2)]
  const calls = new Uint32Array(Math.ceil(span / 1000))
  const answer = createSts({ ...sts, random: ofSts })
  const call: World['call'] = (now) => {
    const second = Math.floor(now / 1000)
    calls[second] = (calls[second] ?? 0) + 1
    return answer(now)
  }
  return {
    agenda: createAgenda(),
    herd: Array.from({ length: sidecars }, createSidecar),
    world: { lifetime, window, random: jitter ?? ofJitter, call },
    slack: () => slack * ofKubelet(),
    calls,
    waits: [],
    credentials: 0,
    restarts: 0,
    longestLack: 0,
  }
}

function happen(run: Run, now: Instant, what: number): void {
  const id = Math.floor(what / KINDS)
  const sidecar = run.herd[id]
  if (sidecar === undefined) throw new Error(`there is no sidecar ${id}`)
  const kind = what % KINDS
  if (kind === BEGIN) begin(run, sidecar, now, id)
  else if (kind === WAKE && sidecar.wakeAt === now) turn(sidecar, { kind: 'due' }, now, run.world)
  else if (kind === ANSWER && sidecar.answerAt === now) answered(run, sidecar, now)
  else if (kind === GATE_ENDS && sidecar.gateAt === now) restart(run, sidecar, now, id)
  else return
  arrange(run, sidecar, id)
}

/** What it does next; an attempt and a wait for another exclude each other. */
function arrange({ agenda }: Run, { answerAt, wakeAt }: Sidecar, id: number): void {
  if (answerAt < Number.POSITIVE_INFINITY) agenda.add(answerAt, id * KINDS + ANSWER)
  else if (wakeAt < Number.POSITIVE_INFINITY) agenda.add(wakeAt, id * KINDS + WAKE)
}

/** The process is there; its container, and with it the gate, began a little earlier. */
function begin({ agenda, world }: Run, sidecar: Sidecar, now: Instant, id: number): void {
  sidecar.begun ??= now - BOOT
  sidecar.gateAt = now - BOOT + GATE
  agenda.add(sidecar.gateAt, id * KINDS + GATE_ENDS)
  start(sidecar, now, world)
}

function answered(run: Run, sidecar: Sidecar, now: Instant): void {
  if (sidecar.answer?.code === undefined) obtained(run, sidecar, now)
  settle(sidecar, now, run.world)
}

function obtained(run: Run, sidecar: Sidecar, now: Instant): void {
  run.credentials += 1
  missed(run, sidecar, now)
  if (sidecar.passed) return
  sidecar.passed = true
  sidecar.gateAt = Number.POSITIVE_INFINITY
  run.waits.push(now - (sidecar.begun ?? now))
}

function missed(run: Run, sidecar: Sidecar, now: Instant): void {
  const lack = lackOf(sidecar, now)
  if (lack === 0) return
  sidecar.expired = true
  run.longestLack = Math.max(run.longestLack, lack)
}

/** The gate's time is over: kubelet kills the container, and starts it again later. */
function restart(run: Run, sidecar: Sidecar, now: Instant, id: number): void {
  stop(sidecar)
  sidecar.restarts += 1
  run.restarts += 1
  run.agenda.add(now + restartAfter(sidecar.restarts, run.slack()) + BOOT, id * KINDS + BEGIN)
}

const summarise = ({ calls, credentials, restarts, waits, herd, longestLack }: Run): Herd => ({
  calls,
  credentials,
  restarts,
  waits: waits.toSorted((a, b) => a - b),
  without: herd.length - waits.length,
  expired: herd.filter(({ expired }) => expired).length,
  longestLack,
})
