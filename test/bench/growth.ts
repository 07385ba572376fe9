import type { Bench, Curve, Ground } from './bench.ts'
import { askFor } from './sidecar/busy.ts'
import { type Place, startOurs } from './sidecar/servers.ts'
import { exponentOf, spreadOf } from './statistics.ts'
import { startLoader } from './support/load.ts'
import { interleave } from './support/rounds.ts'
import { startBenchWorld } from './support/world.ts'

const ROLES = [1, 5, 20, 60] as const
const CONNECTIONS = [1, 4, 16, 64, 256] as const

export const BENCH: Bench = {
  name: 'growth',
  about: 'how the sidecar grows with the roles of a pod, and with connections',
  run: async ({ folder, short, atEnd, say }: Ground) => {
    const world = await startBenchWorld(atEnd, { roles: Math.max(...ROLES) })
    const place = { folder, short, world, load: startLoader(atEnd), atEnd }
    say(`pods of ${ROLES.join(', ')} containers with a role each`)
    const byRoles = await growWithRoles(place)
    say(`${CONNECTIONS.join(', ')} connections`)
    return { curves: [...byRoles, ...(await growWithConnections(place))] }
  },
}

async function growWithRoles(place: Place): Promise<readonly Curve[]> {
  const takes = ROLES.map((count) => async () => {
    const { subject, start, opened } = await startOurs(place, { env: rolesOf(place, count) })
    await opened()
    const { dirty } = subject.memory()
    await subject.stop()
    return { start, dirty }
  })
  const taken = await interleave({ rounds: place.short ? 2 : 5, warmUp: 1, takes })
  const curve = (name: string, unit: string, of: (take: { start: number; dirty: number }) => number): Curve =>
    curveOf(
      { name, unit, axis: 'containers with a role each' },
      ROLES.map((at, index) => ({ at, value: spreadOf((taken[index] ?? []).map(of)).median })),
    )
  return [
    curve('sidecar: private memory once every role has credentials', 'MiB', ({ dirty }) => dirty),
    curve('sidecar: exec to the first credentials of one of them', 'ms', ({ start }) => start),
  ]
}

/** The first container is `app`, whose credentials are asked for. */
const rolesOf = ({ world }: Place, count: number): Readonly<Record<string, string | undefined>> => ({
  LANYARD_ROLE_ARN: undefined,
  LANYARD_CONTAINERS: undefined,
  LANYARD_CONTAINER_ROLES: Array.from(
    { length: count },
    (_, index) => `${index === 0 ? 'app' : `app-${index}`}=${world.roleArn(index)}`,
  ).join(' '),
})

async function growWithConnections(place: Place): Promise<readonly Curve[]> {
  const ours = await startOurs(place)
  const takes = CONNECTIONS.map(
    (connections) => () => askFor(place.load, ours, { connections, time: place.short ? 300 : 500 }),
  )
  const taken = await interleave({ rounds: place.short ? 3 : 5, warmUp: 1, takes })
  const curve = (name: string, unit: string, key: 'perSecond' | 'cpu' | 'p99'): Curve =>
    curveOf(
      { name, unit, axis: 'connections' },
      CONNECTIONS.map((at, index) => ({ at, value: spreadOf((taken[index] ?? []).map((one) => one[key])).median })),
    )
  return [
    curve('sidecar: requests/s', '1/s', 'perSecond'),
    curve('sidecar: processor time per request', 'µs', 'cpu'),
    curve('sidecar: p99', 'ms', 'p99'),
  ]
}

const curveOf = (what: Pick<Curve, 'name' | 'unit' | 'axis'>, points: Curve['points']): Curve => ({
  ...what,
  points,
  exponent: exponentOf(points),
})
