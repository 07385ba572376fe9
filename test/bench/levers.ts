import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'esbuild'
import { bundles, optionsOf } from '../../scripts/build/bundles.ts'
import { SIDECAR_COMMAND } from '../../src/injection/layout.ts'
import { imageEnv } from '../support/image.ts'
import type { Bench, Found, Ground, Lever } from './bench.ts'
import { type Change, type Effect, effects, type LeverRow, leverRows } from './levers/table.ts'
import { type Place, type StartedSidecar, settle, startOurs } from './sidecar/servers.ts'
import { spreadOf, turns } from './statistics.ts'
import { startLoader } from './support/load.ts'
import type { StartOptions } from './support/sidecar.ts'
import { startBenchWorld } from './support/world.ts'

export const BENCH: Bench = {
  name: 'levers',
  about: 'what each lever that the sidecar has brings, and what those would that were dropped',
  run: (ground) =>
    ground.short
      ? Promise.resolve({ leftOut: ['the levers, which have no short form'] })
      : measureLevers(ground, leverRows),
}

/** None to warm up: a first reading that is an exception moves no median. */
const ROUNDS = 5
const REQUESTS = 1_000

type Reading = Readonly<Record<Effect, number>>
/** How a variant is started: the sidecar as the image has it, or with a change. */
type Variant = Pick<StartOptions, 'command' | 'imageEnv'> & { readonly bundle: string }

/** The sidecar as it is, and with each change, all in every round. */
export async function measureLevers({ folder, short, atEnd, say }: Ground, rows: readonly LeverRow[]): Promise<Found> {
  const world = await startBenchWorld(atEnd)
  const place: Place = { folder, short, world, load: startLoader(atEnd), atEnd }
  const variants: Variant[] = []
  for (const [index, { change }] of [{ change: {} }, ...rows].entries())
    variants.push(await prepare(folder, `lever-${index}`, change))
  const readings = variants.map((): Reading[] => [])
  for (let round = 0; round < ROUNDS; round += 1) {
    say(`${rows.length} levers, round ${round + 1} of ${ROUNDS}`)
    const taken = await takeRound(place, variants, round)
    for (const [index, reading] of taken) readings[index]?.push(reading)
  }
  const [product = [], ...changed] = readings
  return { levers: rows.flatMap((row, index) => toLevers(row, product, changed[index] ?? [])) }
}

async function prepare(folder: string, name: string, { flags, env = {}, build: change }: Change): Promise<Variant> {
  const [node, ...rest] = SIDECAR_COMMAND
  const given = rest.slice(0, -1)
  const bundle =
    change === undefined
      ? join(folder, 'product', 'app', 'sidecar.cjs')
      : await buildVariant(join(folder, name), change)
  const variables = Object.entries({ ...imageEnv(), ...env }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return {
    bundle,
    command: [node, ...(flags?.(given) ?? given), bundle],
    imageEnv: Object.fromEntries(variables),
  }
}

/** Where the bundle is. */
async function buildVariant(start: string, change: NonNullable<Change['build']>): Promise<string> {
  const sidecar = bundles.find(({ name }) => name === 'sidecar.cjs')
  if (sidecar === undefined) throw new Error('there is no bundle sidecar.cjs')
  const options = change(optionsOf(sidecar, process.cwd()))
  const outfile = `${start}.${options.format === 'esm' ? 'mjs' : 'cjs'}`
  await build({ ...options, outfile })
  chmodSync(outfile, 0o644)
  return outfile
}

type Started = { readonly sidecar: StartedSidecar; readonly reading: Omit<Reading, 'dirty.1000' | 'threads'> }

/** Everyone starts and is asked in turn; then all become idle together. */
async function takeRound(
  place: Place,
  variants: readonly Variant[],
  round: number,
): Promise<ReadonlyMap<number, Reading>> {
  const started = new Map<number, Started>()
  for (const index of turns(variants.length, round)) {
    const variant = variants[index]
    if (variant !== undefined) started.set(index, await startVariant(place, variant))
  }
  await settle()
  const readings = new Map<number, Reading>()
  for (const [index, { sidecar, reading }] of started) {
    const { subject } = sidecar
    readings.set(index, { ...reading, 'dirty.1000': subject.memory().dirty, threads: subject.threads() })
    await subject.stop()
  }
  return readings
}

async function startVariant(place: Place, { bundle, ...options }: Variant): Promise<Started> {
  const sidecar = await startOurs(place, options)
  const { subject, load } = sidecar
  const startCpu = subject.cpu()
  const { dirty } = subject.memory()
  await place.load({ ...load, connections: 4, requests: REQUESTS })
  const requestCpu = ((subject.cpu() - startCpu) * 1_000) / REQUESTS
  return {
    sidecar,
    reading: { startCpu, 'dirty.first': dirty, requestCpu, bundle: statSync(bundle).size / 1_000 },
  }
}

/** Where a lever was dropped, the change added it. */
function toLevers(
  { name, shows, dropped }: LeverRow,
  product: readonly Reading[],
  changed: readonly Reading[],
): readonly Lever[] {
  const [without, having] = dropped === undefined ? [changed, product] : [product, changed]
  return shows.map((effect) => ({
    name,
    what: effects[effect].about,
    unit: effects[effect].unit,
    without: spreadOf(without.map((reading) => reading[effect])),
    with: spreadOf(having.map((reading) => reading[effect])),
    ...(dropped !== undefined && { dropped: { why: dropped } }),
  }))
}
