import type { Curve } from '../bench.ts'
import { exponentOf, spreadOf } from '../statistics.ts'
import { interleave } from '../support/rounds.ts'
import { ACCOUNT, type Asking, ask, type Place, type Round } from './place.ts'
import { requestOf, reviewBody } from './pods.ts'
import type { Reviewer } from './servers.ts'

const BYTES = [4_000, 12_000, 40_000, 120_000, 400_000, 1_200_000] as const
const CONTAINERS = [1, 3, 10, 30, 100] as const
const CONNECTIONS = [1, 16, 64, 256] as const
/** What a container is in a pod that is nothing but containers. */
const BYTES_OF_CONTAINER = 1_000

type Axis = {
  readonly name: string
  readonly axis: string
  readonly unit: string
  readonly of: (round: Round) => number
  readonly asking: (at: number) => Pick<Asking, 'request' | 'connections'>
  readonly at: readonly number[]
}

const bodyOf = (bytes: number, containers: number): string =>
  requestOf(reviewBody({ bytes, containers, serviceAccount: ACCOUNT }))

const axes: readonly Axis[] = [
  {
    name: 'webhook: CPU per review',
    axis: 'bytes of the review',
    unit: 'µs',
    of: ({ cpu }) => cpu,
    at: BYTES,
    asking: (bytes) => ({ request: bodyOf(bytes, 1), connections: 4 }),
  },
  {
    name: 'webhook: CPU per review',
    axis: 'containers of 1 kB',
    unit: 'µs',
    of: ({ cpu }) => cpu,
    at: CONTAINERS,
    asking: (containers) => ({
      request: bodyOf(2_000 + containers * BYTES_OF_CONTAINER, containers),
      connections: 4,
    }),
  },
  {
    name: 'webhook: reviews/s, pods of 4 kB',
    axis: 'connections',
    unit: '1/s',
    of: ({ perSecond }) => perSecond,
    at: CONNECTIONS,
    asking: (connections) => ({ request: bodyOf(4_000, 1), connections }),
  },
]

/** Along each axis, its points in turns. */
export async function measureGrowth(place: Place, ours: Reviewer): Promise<readonly Curve[]> {
  const curves: Curve[] = []
  for (const { name, axis, unit, of, at, asking } of axes) {
    const time = place.ground.short ? 150 : 300
    const takes = at.map((one) => () => ask(place, ours, { ...asking(one), time }))
    const taken = await interleave({ rounds: place.ground.short ? 2 : 5, warmUp: 1, takes })
    const points = at.map((one, index) => ({ at: one, value: spreadOf((taken[index] ?? []).map(of)).median }))
    curves.push({ name, axis, unit, points, exponent: exponentOf(points) })
  }
  return curves
}
