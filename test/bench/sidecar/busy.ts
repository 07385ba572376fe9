import type { Measurement } from '../bench.ts'
import type { FigureId } from '../figures.ts'
import { ratioOf } from '../statistics.ts'
import type { Loaded, Loader } from '../support/load.ts'
import { type Compared, compare } from '../support/rounds.ts'
import type { Serving } from '../support/sidecar.ts'
import type { Place } from './servers.ts'

const CONNECTIONS = [1, 16, 256] as const

/** What a second of requests gave; `cpu` is the server's, in microseconds per request. */
export type Round = Loaded & { readonly cpu: number }

/** Requests one after the other on each of so many connections, the sidecar and the empty server in turns. */
export async function measureBusy(place: Place, ours: Serving, baseline: Serving): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  const time = place.short ? 500 : 800
  for (const connections of CONNECTIONS) {
    const pairs = await compare(
      { rounds: place.short ? 5 : 7, warmUp: 1 },
      () => askFor(place.load, ours, { connections, time }),
      () => askFor(place.load, baseline, { connections, time }),
    )
    measurements.push(...toMeasurements(connections, pairs))
  }
  return measurements
}

/** Throws what was met in place of an answer. */
export async function askFor(
  load: Loader,
  { subject, load: target }: Serving,
  { connections, time }: { readonly connections: number; readonly time: number },
): Promise<Round> {
  const before = subject.cpu()
  const loaded = await load({ ...target, connections, time })
  return { ...loaded, cpu: ((subject.cpu() - before) * 1_000) / loaded.requests }
}

function toMeasurements(
  connections: (typeof CONNECTIONS)[number],
  pairs: readonly Compared<Round>[],
): readonly Measurement[] {
  const figures: readonly (readonly [FigureId, keyof Round])[] = [
    [`sidecar.requests.${connections}`, 'perSecond'],
    [`sidecar.cpu.${connections}`, 'cpu'],
    [`sidecar.p50.${connections}`, 'p50'],
    [`sidecar.p99.${connections}`, 'p99'],
    [`sidecar.p999.${connections}`, 'p999'],
  ]
  return figures.map(([id, key]) => ({
    id,
    ...ratioOf(pairs.map(({ ours, baseline }) => ({ ours: ours[key], baseline: baseline[key] }))),
  }))
}
