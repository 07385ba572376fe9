import type { Measurement } from '../bench.ts'
import { besideOf, ratioOf } from '../statistics.ts'
import type { Memory } from '../support/process.ts'
import { compare } from '../support/rounds.ts'
import type { Serving } from '../support/sidecar.ts'
import { type Place, startBeside, startOurs } from './servers.ts'

/** Until files are read from the disk, and STS has fetched the issuer's keys. */
const WARM_UP = 2

type Start = { readonly time: number; readonly cpu: number; readonly memory: Memory }

/** From exec to first credentials, a sidecar and an empty server in turns; each ends before the next one begins. */
export async function measureStarts(place: Place): Promise<readonly Measurement[]> {
  const model = await startOurs(place)
  await model.subject.stop()
  const pairs = await compare(
    { rounds: place.short ? 7 : 15, warmUp: WARM_UP },
    () => readStart(startOurs(place)),
    () => readStart(startBeside(place, model)),
  )
  const ratio = (of: (start: Start) => number) =>
    ratioOf(pairs.map(({ ours, baseline }) => ({ ours: of(ours), baseline: of(baseline) })))
  const beside = (of: (start: Start) => number) =>
    besideOf(
      pairs.map(({ ours }) => of(ours)),
      pairs.map(({ baseline }) => of(baseline)),
    )
  return [
    { id: 'sidecar.dirty.first', ...beside(({ memory }) => memory.dirty) },
    { id: 'sidecar.rss.first', ...beside(({ memory }) => memory.rss) },
    { id: 'sidecar.start', ...ratio(({ time }) => time) },
    { id: 'sidecar.startCpu', ...ratio(({ cpu }) => cpu) },
  ]
}

async function readStart(starting: Promise<Serving>): Promise<Start> {
  const { start, subject } = await starting
  const read = { time: start, cpu: subject.cpu(), memory: subject.memory() }
  await subject.stop()
  return read
}
