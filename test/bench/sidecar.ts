import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Variant } from '../../scripts/build/bundles.ts'
import type { Bench, Ground, Measurement } from './bench.ts'
import { measureBusy } from './sidecar/busy.ts'
import { idleSeconds, measureIdle } from './sidecar/idle.ts'
import { measureMemory } from './sidecar/memory.ts'
import { measureHour } from './sidecar/renewals.ts'
import { fleetSize, startBeside, startMany, startOurs } from './sidecar/servers.ts'
import { measureStarts } from './sidecar/starts.ts'
import { spreadOf } from './statistics.ts'
import { startLoader } from './support/load.ts'
import { startBenchWorld } from './support/world.ts'

export const BENCH: Bench = {
  name: 'sidecar',
  about: 'memory, start, idle and busy processor time, latency, threads and size of the sidecar',
  run: async (ground) => ({ measurements: await measure(ground) }),
}

async function measure({ folder, short, atEnd, say }: Ground): Promise<readonly Measurement[]> {
  const world = await startBenchWorld(atEnd)
  const place = { folder, short, world, load: startLoader(atEnd), atEnd }
  const count = fleetSize(place)

  say('starts of sidecars and empty servers, in turns')
  const starts = await measureStarts(place)
  const ours = await startMany(count, () => startOurs(place))
  const [first] = ours
  if (first === undefined) throw new Error('no sidecar was started')
  const alone = await startMany(count, () => startOurs(place))
  const empty = await startMany(count, () => startBeside(place, first))

  const slim = await startMany(short ? 2 : count, () => startOurs(place, { variant: 'slim' }))

  say(`memory of ${count} sidecars, the slim image's, and empty servers after 1,000 and 20,000 requests`)
  const memory = await measureMemory(place, { ours, slim, empty })
  await Promise.all(slim.map(({ subject }) => subject.stop()))
  say(`${idleSeconds(place)} s of idling`)
  const idle = await measureIdle(place, { ours, alone, empty })
  await Promise.all([...alone, ...empty].map(({ subject }) => subject.stop()))

  say('requests on 1, 16 and 256 connections, beside an empty server')
  const busy = await measureBusy(place, first, await startBeside(place, first))
  say('an hour of renewals, by a clock that is set ahead')
  return [...starts, ...memory, await measureHour(place), ...idle, ...busy, ...sizesOf(folder)]
}

function sizesOf(folder: string): readonly Measurement[] {
  const sizeOf = (variant: Variant) => spreadOf([statSync(join(folder, variant, 'app', 'sidecar.cjs')).size / 1_000])
  return [
    { id: 'sidecar.bundle', value: sizeOf('product') },
    { id: 'sidecar.slim.bundle', value: sizeOf('slim') },
  ]
}
