import type { Measurement } from '../bench.ts'
import { besideOf } from '../statistics.ts'
import type { Subject } from '../support/process.ts'
import type { Serving } from '../support/sidecar.ts'
import { type Place, settle } from './servers.ts'

type Fleet = readonly Serving[]
type Fleets = { readonly ours: Fleet; readonly slim: Fleet; readonly empty: Fleet }

/** After 1,000 and after 20,000 requests in all, each server asked in its turn and all idle again; and their threads. */
export async function measureMemory({ load }: Place, { ours, slim, empty }: Fleets): Promise<readonly Measurement[]> {
  const ask = async (connections: number, requests: number): Promise<void> => {
    for (const one of [...ours, ...slim, ...empty]) await load({ ...one.load, connections, requests })
    await settle()
  }
  const read = (fleet: Fleet, of: (subject: Subject) => number) =>
    besideOf(
      fleet.map(({ subject }) => of(subject)),
      empty.map(({ subject }) => of(subject)),
    )
  const dirty = (fleet: Fleet) => read(fleet, (subject) => subject.memory().dirty)
  const resident = () => read(ours, (subject) => subject.memory().rss)

  await ask(4, 1_000)
  const few: readonly Measurement[] = [
    { id: 'sidecar.dirty.1000', ...dirty(ours) },
    { id: 'sidecar.rss.1000', ...resident() },
    { id: 'sidecar.slim.dirty.1000', ...dirty(slim) },
  ]
  await ask(16, 19_000)
  return [
    ...few,
    { id: 'sidecar.dirty.20000', ...dirty(ours) },
    { id: 'sidecar.rss.20000', ...resident() },
    { id: 'sidecar.slim.dirty.20000', ...dirty(slim) },
    { id: 'sidecar.threads', ...read(ours, (subject) => subject.threads()) },
  ]
}
