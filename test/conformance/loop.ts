import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from './stage.ts'

/** Signed calls by one process of a client while credentials change under it. */
export type Loop = {
  readonly calls: number
  readonly failed: number
  /** How often the access key was another one than before, as STS saw it. */
  readonly rotations: number
  readonly seconds: number
  /** What the client said when a call failed first. */
  readonly error?: string
}

/**
 * STS gives so short sessions that the sidecar renews them as often as it ever does, once a minute; every client is then
 * inside its refresh window all the time, but those with the shortest.
 */
const SESSION_SECONDS = 150
const ROTATION_SECONDS = 60

/** At least that many calls, evenly over at least that many rotations; in real time, for the clients have no other. */
export async function loop(
  stage: Stage,
  atLeast: { readonly calls: number; readonly rotations: number },
): Promise<Loop> {
  const { sts, sidecar, signed, open } = stage
  sts.faults.set({ kind: 'shortSession', seconds: SESSION_SECONDS })
  await sidecar.start()
  await sidecar.ready()
  const app = open()
  const pace = (atLeast.rotations * ROTATION_SECONDS * 1_000) / atLeast.calls
  const began = performance.now()
  const passed = (): number => performance.now() - began
  let [calls, failed] = [0, 0]
  let error: string | undefined
  // Some renew when their credentials are about to end, and no earlier; rotations that never come end it too.
  const limit = (atLeast.rotations * ROTATION_SECONDS + SESSION_SECONDS) * 1_000
  while ((calls < atLeast.calls || signed.size <= atLeast.rotations) && passed() < limit) {
    const outcome = await app.call()
    calls += 1
    if ('error' in outcome) {
      failed += 1
      error ??= outcome.error
    }
    await sleep(Math.max(0, calls * pace - passed()))
  }
  const seconds = Math.round(passed() / 1_000)
  return { calls, failed, rotations: signed.size - 1, seconds, ...(error !== undefined && { error }) }
}
