import { expect, test } from 'vitest'
import { secretPath, startWorld, type World } from './support.ts'
import { start, watching } from './watching.ts'

const otherPath = secretPath.replace('webhook-ca', 'other')

const asked = ({ server }: Pick<World, 'server'>) =>
  server.seen.map(({ url }) => (url.includes('watch=true') ? 'watch' : 'list'))

test('it lists and watches by name, from the version of the list, with bookmarks and an end', async () => {
  const { server } = await watching()
  const queries = server.seen.map(({ url }) => Object.fromEntries(new URL(url, 'https://api').searchParams))
  const fieldSelector = 'metadata.name=lanyard-webhook-ca'
  expect(queries).toEqual([
    { fieldSelector },
    {
      fieldSelector,
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: server.version(),
      timeoutSeconds: '330',
    },
  ])
})

test('every change is told, and each time that nothing was missed', async () => {
  const { server, clock, changes, syncs, instants } = await watching()
  expect([changes.count(), syncs.count()]).toEqual([1, 1])
  server.put(secretPath, { data: {} })
  await changes.reached(2)
  server.remove(secretPath)
  await changes.reached(3)
  server.put(secretPath)
  await changes.reached(4)
  await clock.advance(60_000)
  server.watch().bookmark(server.version())
  await syncs.reached(5)
  expect(changes.count()).toBe(4)
  const began = Math.floor((clock.now() - 60_000) / 1_000)
  expect(instants).toEqual([began, began, began, began, began + 60])
})

test('other objects are no change', async () => {
  const { server, changes, syncs } = await watching()
  server.put(otherPath)
  server.watch().bookmark(server.version())
  await syncs.reached(2)
  expect(changes.count()).toBe(1)
})

test('an object that is not there is told, and that it comes', async () => {
  const world = await startWorld()
  const { changes } = start(world)
  await changes.reached(1)
  await world.server.asked(2)
  world.server.put(secretPath)
  await changes.reached(2)
})

test('a watch that ended as it should is gone on with at once, from the last bookmark, without a list', async () => {
  const { server, clock, changes, syncs } = await watching()
  server.watch().bookmark('4711')
  await syncs.reached(2)
  await clock.advance(300_000)
  server.watch().end()
  await server.asked(3)
  expect(asked({ server })).toEqual(['list', 'watch', 'watch'])
  expect(server.seen.at(-1)?.url).toContain('resourceVersion=4711')
  expect(changes.count()).toBe(1)
})

test('what changed while the watch was broken is told by the next list; what did not is not', async () => {
  const { server, passPause, changes, syncs } = await watching()
  server.watch().reset()
  await passPause()
  await syncs.reached(2)
  expect(changes.count()).toBe(1)
  await server.asked(4)
  server.watch().reset()
  server.put(secretPath, { data: {} })
  await passPause()
  await changes.reached(2)
  expect(asked({ server })).toEqual(['list', 'watch', 'list', 'watch', 'list'])
})

test('a Secret that was made anew meanwhile is another one', async () => {
  const { server, passPause, changes } = await watching()
  server.watch().reset()
  server.remove(secretPath)
  server.put(secretPath)
  await passPause()
  await changes.reached(2)
})

test('a version that became too old is listed anew: as an answer, and in the stream', async () => {
  const { server, clock, passPause, changes, log, established } = await watching()
  await established()
  await clock.advance(60_000)
  server.compact()
  server.watch().end()
  await server.asked(3)
  await passPause()
  await server.asked(5)
  server.watch().error(410, 'too old resource version')
  await passPause()
  await server.asked(7)
  expect(asked({ server })).toEqual(['list', 'watch', 'watch', 'list', 'watch', 'list', 'watch'])
  expect(changes.count()).toBe(1)
  expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([])
})

test('lines may come in pieces, cut anywhere', async () => {
  const { server, changes, log } = await watching()
  const events = ['ö€😀', 'b'].map((text, at) =>
    JSON.stringify({ type: 'MODIFIED', object: { metadata: { uid: text, resourceVersion: `${900 + at}` } } }),
  )
  for (const byte of Buffer.from(`${events.join('\n')}\n`)) {
    await new Promise((resolve) => server.watch().response.write(Buffer.from([byte]), resolve))
  }
  await changes.reached(3)
  expect(log.lines).toEqual([])
})
