import { setTimeout as sleep } from 'node:timers/promises'
import type { Measurement } from '../bench.ts'
import { spreadOf } from '../statistics.ts'
import type { Serving } from '../support/sidecar.ts'
import { keepConnection, type Place } from './servers.ts'

/** Longer than the last thing that V8 does by itself in a process that has become idle: it collects after eight seconds. */
const REST = 12_000

export type Idlers = {
  /** These get a connection that is kept alive, as an SDK has it. */
  readonly ours: readonly Serving[]
  /** Asked once, at their start. */
  readonly alone: readonly Serving[]
  /** Baselines, with a connection. */
  readonly empty: readonly Serving[]
}

/** What all of them spend over the same minute, and what those that were never busy hold. */
export async function measureIdle(place: Place, { ours, alone, empty }: Idlers): Promise<readonly Measurement[]> {
  const seconds = idleSeconds(place)
  const kept = await Promise.all([...ours, ...empty].map((one) => keepConnection(one, place.atEnd)))
  await sleep(REST)

  const all = [...ours, ...alone, ...empty].map((one) => ({ one, before: one.subject.cpu() }))
  await sleep(seconds * 1_000)
  const spent = new Map(all.map(({ one, before }) => [one, (one.subject.cpu() - before) / seconds]))
  for (const end of kept) end()

  const of = (servers: readonly Serving[]) => spreadOf(servers.map((one) => spent.get(one) ?? Number.NaN))
  return [
    { id: 'sidecar.idle', value: of(ours) },
    { id: 'sidecar.idle.alone', value: of(alone) },
    { id: 'sidecar.idle.empty', value: of(empty) },
    { id: 'sidecar.dirty.idle', value: spreadOf(alone.map(({ subject }) => subject.memory().dirty)) },
  ]
}

export const idleSeconds = ({ short }: { readonly short: boolean }): number => (short ? 10 : 60)
