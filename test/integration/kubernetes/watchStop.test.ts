import { once } from 'node:events'
import { expect, test } from 'vitest'
import { hang, reset } from './faults.ts'
import { secretPath, startWorld } from './support.ts'
import { start, watching } from './watching.ts'

test('stopped, it ends at once and tells nothing more', async () => {
  const { server, stop, changes, syncs, clock } = await watching()
  await stop()
  server.put(secretPath, { data: {} })
  await Promise.all([...server.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  expect([changes.count(), syncs.count(), clock.pending()]).toEqual([1, 1, 0])
})

test('stopped by its listener, it tells nothing more of what came in the same piece', async () => {
  const world = await startWorld()
  let stopped: Promise<void> | undefined
  const { changes, stop } = start(world, {
    onChange: () => {
      if (changes.count() === 2) stopped = stop()
    },
  })
  await world.server.asked(2)
  const event = (resourceVersion: string) =>
    `${JSON.stringify({ type: 'MODIFIED', object: { metadata: { resourceVersion } } })}\n`
  world.server.watch().response.write(event('901') + event('902') + event('903'))
  await changes.reached(2)
  await stopped
  expect(changes.count()).toBe(2)
})

test('stopped while an answer is read, it tells nothing of it', async () => {
  const world = await startWorld()
  const ended = Promise.withResolvers<void>()
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }))
    void stop().then(ended.resolve)
  }
  const open = async () => ({ status: 200, headers: {}, body: body(), secrets: [] })
  const { changes, syncs, stop } = start({ ...world, cluster: { ...world.cluster, open } })
  await ended.promise
  expect([changes.count(), syncs.count()]).toEqual([0, 0])
})

test('it can be stopped while it waits, and while it lists', async () => {
  const world = await startWorld()
  world.server.fail(reset, hang)
  const waiting = start(world)
  await world.nextPause()
  await waiting.stop()
  const listing = start(world)
  await world.server.asked(2)
  await listing.stop()
  expect(world.clock.pending()).toBe(0)
})

test('it ends with the whole cluster', async () => {
  const { server, cluster, clock } = await watching()
  const ended = once(server.watch().response, 'close')
  cluster.close()
  await ended
  await clock.advance(60_000)
  expect(server.seen).toHaveLength(2)
  expect(clock.pending()).toBe(0)
})
