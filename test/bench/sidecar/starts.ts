import type { Measurement } from '../bench.ts'
import { besideOf, ratioOf } from '../statistics.ts'
import type { Memory } from '../support/process.ts'
import { interleave } from '../support/rounds.ts'
import type { Serving } from '../support/sidecar.ts'
import { type Place, startBeside, startOurs } from './servers.ts'

/** Until files are read from the disk, and STS has fetched the issuer's keys. */
const WARM_UP = 2

type Start = { readonly time: number; readonly cpu: number; readonly memory: Memory }

/** From exec to first credentials, both images' sidecars and an empty server in turns; each ends before the next begins. */
export async function measureStarts(place: Place): Promise<readonly Measurement[]> {
  const model = await startOurs(place)
  await model.subject.stop()
  const [plain = [], slim = [], empty = []] = await interleave({
    rounds: place.short ? 7 : 15,
    warmUp: WARM_UP,
    takes: [
      () => readStart(startOurs(place)),
      () => readStart(startOurs(place, { variant: 'slim' })),
      () => readStart(startBeside(place, model)),
    ],
  })
  return [
    { id: 'sidecar.dirty.first', ...beside(plain, empty, ({ memory }) => memory.dirty) },
    { id: 'sidecar.rss.first', ...beside(plain, empty, ({ memory }) => memory.rss) },
    { id: 'sidecar.start', ...ratio(plain, empty, ({ time }) => time) },
    { id: 'sidecar.startCpu', ...ratio(plain, empty, ({ cpu }) => cpu) },
    { id: 'sidecar.slim.dirty.first', ...beside(slim, empty, ({ memory }) => memory.dirty) },
    { id: 'sidecar.slim.start', ...ratio(slim, empty, ({ time }) => time) },
    { id: 'sidecar.slim.startCpu', ...ratio(slim, empty, ({ cpu }) => cpu) },
  ]
}

const beside = (ours: readonly Start[], empty: readonly Start[], of: (start: Start) => number) =>
  besideOf(ours.map(of), empty.map(of))

/** Both have a reading in every round. */
const ratio = (ours: readonly Start[], empty: readonly Start[], of: (start: Start) => number) =>
  ratioOf(ours.flatMap((one, round) => empty.slice(round, round + 1).map((other) => pairOf(of(one), of(other)))))

const pairOf = (ours: number, baseline: number) => ({ ours, baseline })

async function readStart(starting: Promise<Serving>): Promise<Start> {
  const { start, subject } = await starting
  const read = { time: start, cpu: subject.cpu(), memory: subject.memory() }
  await subject.stop()
  return read
}
