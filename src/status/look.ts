import { Failure } from '../errors/index.ts'
import { parseExposition } from './exposition.ts'
import type { Memory, PodMemory } from './memory.ts'
import { eachOf } from './pool.ts'
import { type OwnContainer, type PodFacts, readPod } from './readPod.ts'
import { type Asked, type Looked, rowOfBroker, rowsOfSidecar, rowsWithout } from './rows.ts'
import { type Clock, type Fleet, type Milliseconds, type Round, type Row, STATES, type Trouble } from './types.ts'
import { withinTime } from './withinTime.ts'

/** So many pods are asked at a time: the API server carries each answer, and has others to serve. */
const AT_A_TIME = 16

export type Looking = {
  readonly fleet: Fleet
  readonly clock: Clock
  /** As `Round.namespace`. */
  readonly namespace: string | undefined
  /** As `Round.selector`. */
  readonly selector?: string | undefined
  /** For the answer of one pod. */
  readonly timeout: Milliseconds
}

/**
 * One look at all pods: one list, then each pod once. Rejects with a Failure of the area `cluster` where the pods cannot be
 * listed; whatever is wrong with one pod is in its row.
 */
export async function look(looking: Looking, memory: Memory): Promise<{ round: Round; memory: Memory }> {
  const { fleet, clock, namespace, selector } = looking
  const began = clock.now()
  const versionAsked = fleet.version()
  const pods: PodFacts[] = []
  for await (const page of fleet.pods()) for (const raw of page) pods.push(...factsOf(raw))
  const current = pods.filter(({ isFinished }) => !isFinished)
  const looked = await eachOf(current, AT_A_TIME, (facts) => lookAtPod(facts, looking, memory))
  const at = clock.now()
  const round: Round = {
    ...{ at, took: at - began, namespace, ...(selector && { selector }) },
    rows: looked.flatMap(({ rows }) => rows).sort(worstFirst),
    pods: current.length,
    finished: pods.length - current.length,
    version: await versionAsked,
  }
  return { round, memory: memoryOf(looked, current, memory) }
}

/** Of the pods that are there; of one that did not answer, what was known before. */
function memoryOf(looked: readonly Looked[], pods: readonly PodFacts[], before: Memory): Memory {
  const entries = pods.map(({ uid }, index) => [uid, looked[index]?.seen ?? before.get(uid)] as const)
  return new Map(entries.filter((entry): entry is readonly [string, PodMemory] => entry[1] !== undefined))
}

const factsOf = (raw: unknown): readonly PodFacts[] => {
  const facts = readPod(raw)
  return facts === undefined ? [] : [facts]
}

async function lookAtPod(facts: PodFacts, looking: Looking, memory: Memory): Promise<Looked> {
  const { sidecar, broker } = facts
  if (sidecar === undefined) return { rows: rowsWithout(facts) }
  const asked = await ask(facts, sidecar, looking)
  const before = { now: looking.clock.now(), seen: memory.get(facts.uid) }
  const looked = rowsOfSidecar(facts, sidecar, asked, before)
  if (broker === undefined) return looked
  const row = rowOfBroker(facts, broker, await ask(facts, broker, looking), looking.clock.now())
  return { ...looked, rows: [...looked.rows, row] }
}

async function ask(facts: PodFacts, { port, stopped }: OwnContainer, looking: Looking): Promise<Asked> {
  if (stopped !== undefined || !facts.hasAddress) return undefined
  const target = { namespace: facts.namespace, pod: facts.name, port }
  const { clock, timeout, fleet } = looking
  try {
    const text = await withinTime(clock, timeout, (signal) => fleet.metrics(target, signal))
    if (text === undefined) return { trouble: late(timeout) }
    const samples = parseExposition(text)
    return samples === undefined ? { trouble: unreadable } : { samples }
  } catch (thrown) {
    return { trouble: troubleIn(thrown) }
  }
}

const late = (timeout: Milliseconds): Trouble => ({
  word: 'no answer',
  message: `no answer within ${timeout / 1_000} s`,
})
const unreadable: Trouble = { word: 'unreadable', message: 'what it answers is not in the format of Prometheus' }

function troubleIn(thrown: unknown): Trouble {
  if (!(thrown instanceof Failure)) throw thrown
  const message = thrown.problems[0]?.message
  const words = message === undefined ? {} : { message }
  return thrown.code === 'ClusterForbidden'
    ? { code: 'RightsMissing', word: 'forbidden', ...words }
    : { word: thrown.code === 'ClusterAnswerInvalid' ? unreadable.word : 'no answer', ...words }
}

const rank = ({ state }: Row): number => STATES.indexOf(state)
const worstFirst = (a: Row, b: Row): number =>
  rank(a) - rank(b) || compare(a.namespace, b.namespace) || compare(a.pod, b.pod)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
