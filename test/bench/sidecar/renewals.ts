import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildBundles, bundleOf } from '../../../scripts/build/bundles.ts'
import { SIDECAR_COMMAND } from '../../../src/injection/layout.ts'
import type { Measurement } from '../bench.ts'
import { spreadOf } from '../statistics.ts'
import { startSidecar } from '../support/sidecar.ts'
import { fleetSize, type Place, settle, startMany } from './servers.ts'

/** Credentials of 15 minutes are renewed at the age of 6, at the latest. */
const STEP_MINUTES = 6
const STEPS = 10
/** Milliseconds that a renewal may take, on a machine that is busy. */
const PATIENCE = 20_000

type Renewing = Awaited<ReturnType<typeof startSidecar>>

/** An hour in steps of a clock that is set ahead; every sidecar renews its credentials in each step. */
export async function measureHour(place: Place): Promise<Measurement> {
  const { world, folder, atEnd } = place
  const command = [...SIDECAR_COMMAND.slice(0, -1), await buildAhead(folder)]
  const env = { LANYARD_SESSION_DURATION: '15m' }
  const sidecars = await startMany(fleetSize(place), () =>
    startSidecar({ world, sts: world.sts, folder, atEnd, command, env, ipc: true }),
  )
  for (let step = 1; step <= STEPS; step += 1) {
    world.setAhead(step * STEP_MINUTES * 60_000)
    await Promise.all(sidecars.map(renew))
  }
  await settle()
  const value = spreadOf(sidecars.map(({ subject }) => subject.memory().dirty))
  await Promise.all(sidecars.map(({ subject }) => subject.stop()))
  world.setAhead(0)
  return { id: 'sidecar.dirty.hour', value }
}

/** The sidecar's bundle with a clock that can be set ahead, left out of it what is left out of the sidecar's. */
async function buildAhead(folder: string): Promise<string> {
  const name = 'sidecarAhead.cjs'
  await buildBundles(process.cwd(), folder, [
    { ...bundleOf('product', 'sidecar.cjs'), name, entry: 'cmd/demoSidecar.ts' },
  ])
  chmodSync(join(folder, name), 0o644)
  return join(folder, name)
}

/** Throws where the credentials stay the same. */
async function renew({ pod, subject }: Renewing): Promise<void> {
  const { Expiration } = await pod.credentials()
  subject.child.send({ aheadMinutes: STEP_MINUTES })
  const until = performance.now() + PATIENCE
  while ((await pod.credentials()).Expiration === Expiration) {
    if (performance.now() > until) throw new Error(`credentials were not renewed: ${subject.said()}`)
    await sleep(20)
  }
}
