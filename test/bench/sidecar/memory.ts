import type { Measurement } from '../bench.ts'
import { besideOf } from '../statistics.ts'
import type { Subject } from '../support/process.ts'
import type { Serving } from '../support/sidecar.ts'
import { type Place, settle } from './servers.ts'

type Fleets = { readonly ours: readonly Serving[]; readonly empty: readonly Serving[] }

/** After 1,000 and after 20,000 requests in all, each server asked in its turn and all idle again; and their threads. */
export async function measureMemory({ load }: Place, { ours, empty }: Fleets): Promise<readonly Measurement[]> {
  const ask = async (connections: number, requests: number): Promise<void> => {
    for (const one of [...ours, ...empty]) await load({ ...one.load, connections, requests })
    await settle()
  }
  const read = (of: (subject: Subject) => number) =>
    besideOf(
      ours.map(({ subject }) => of(subject)),
      empty.map(({ subject }) => of(subject)),
    )
  const dirty = () => read((subject) => subject.memory().dirty)
  const resident = () => read((subject) => subject.memory().rss)

  await ask(4, 1_000)
  const few: readonly Measurement[] = [
    { id: 'sidecar.dirty.1000', ...dirty() },
    { id: 'sidecar.rss.1000', ...resident() },
  ]
  await ask(16, 19_000)
  return [
    ...few,
    { id: 'sidecar.dirty.20000', ...dirty() },
    { id: 'sidecar.rss.20000', ...resident() },
    { id: 'sidecar.threads', ...read((subject) => subject.threads()) },
  ]
}
