import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'
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
export async function loop(stage: Stage, atLeast: AtLeast): Promise<Loop> {
  const { sts, sidecar, open } = stage
  sts.faults.set({ kind: 'shortSession', seconds: SESSION_SECONDS })
  await sidecar.start()
  await sidecar.ready()
  const seconds = atLeast.rotations * ROTATION_SECONDS
  // Some ask again when their credentials are about to end, and no earlier; rotations that never come end it too.
  const longest = atLeast.rotations * SESSION_SECONDS + ROTATION_SECONDS
  return callOn(stage, open(), { atLeast, seconds, longest })
}

export type AtLeast = { readonly calls: number; readonly rotations: number }
type Course = {
  readonly atLeast: AtLeast
  /** Over which the calls are spread. */
  readonly seconds: number
  /** After which it ends, whatever is missing. */
  readonly longest: number
  /** Before every call, with the seconds that have passed. */
  tick?(passed: number): Promise<void>
}

export async function callOn({ signed }: Stage, app: App, { atLeast, seconds, longest, tick }: Course): Promise<Loop> {
  const began = performance.now()
  const passed = (): number => (performance.now() - began) / 1_000
  let [calls, failed] = [0, 0]
  let error: string | undefined
  while ((calls < atLeast.calls || signed.size <= atLeast.rotations) && passed() < longest) {
    await tick?.(passed())
    const outcome = await app.call()
    calls += 1
    if ('error' in outcome) {
      failed += 1
      error ??= outcome.error
    }
    await sleep(Math.max(0, (calls * seconds) / atLeast.calls - passed()) * 1_000)
  }
  const rotations = Math.max(0, signed.size - 1)
  return { calls, failed, rotations, seconds: Math.round(passed()), ...(error !== undefined && { error }) }
}
