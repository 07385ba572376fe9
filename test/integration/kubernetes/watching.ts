import { expect, onTestFinished } from 'vitest'
import { secretPlace, watchObject } from '../../../src/kubernetes/index.ts'
import { createLog } from '../../../src/terminal/log.ts'
import { memoryLog } from '../../unit/webhook/reviews.ts'
import { secret, secretPath, startWorld, type World } from './support.ts'

/** Counts, and lets a test await the n-th. */
export function counter() {
  let count = 0
  const awaited: { at: number; resolve: () => void }[] = []
  return {
    count: () => count,
    hit: () => {
      count += 1
      for (const each of awaited) if (count >= each.at) each.resolve()
    },
    reached: (at: number) =>
      new Promise<void>((resolve) => {
        if (count >= at) resolve()
        else awaited.push({ at, resolve })
      }),
  }
}

/** Remembers what is logged; `end` looks that no part of the token leaks. */
export function watchLog(world: World) {
  const log = memoryLog()
  const lines: string[] = []
  const written = createLog({ level: 'debug', now: world.clock.now, write: (line) => lines.push(line) })
  const both = (level: 'info' | 'warn' | 'debug') => (event: string, fields: Record<string, unknown>) => {
    log[level](event, fields)
    written[level](event, fields)
  }
  const end = (): void => expect(lines.join('')).not.toMatch(/c4n4ry|eyJ/)
  return { log, both: { info: both('info'), warn: both('warn'), debug: both('debug') }, end }
}

/** A watch of the Secret, with all that it told, until the test ends. */
export function start(world: World, more: { onChange?: () => void } = {}) {
  const [changes, syncs] = [counter(), counter()]
  const instants: number[] = []
  const { log, both, end } = watchLog(world)
  const stop = watchObject(world.cluster, secretPlace(secret), {
    onChange: () => {
      changes.hit()
      more.onChange?.()
    },
    onSync: (unixSeconds) => {
      instants.push(unixSeconds)
      syncs.hit()
    },
    log: both,
  })
  onTestFinished(async () => {
    await stop()
    end()
  })
  return { changes, syncs, instants, log, stop }
}

/** A world in which the Secret is watched. */
export async function watching() {
  const world = await startWorld()
  world.server.put(secretPath)
  const watcher = start(world)
  await world.server.asked(2)
  /** The client has the head of the answer, so that the time for that is over. */
  const established = async (): Promise<void> => {
    const next = watcher.syncs.reached(watcher.syncs.count() + 1)
    world.server.watch().bookmark(world.server.version())
    await next
  }
  return { ...world, ...watcher, established }
}
