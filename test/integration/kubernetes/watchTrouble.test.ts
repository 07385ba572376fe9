import { expect, test } from 'vitest'
import { canary } from './apiServer.ts'
import { answering, hang, raw, reset } from './faults.ts'
import { secretPath, startWorld } from './support.ts'
import { start, watching } from './watching.ts'

test('watches that end as soon as they begin are spaced out more and more', async () => {
  const { server, passPause } = await watching()
  const pauses: number[] = []
  for (let turn = 3; turn < 10; turn += 1) {
    server.watch().end()
    pauses.push(await passPause())
    await server.asked(turn)
  }
  expect(pauses).toEqual([999, 1_998, 3_996, 7_992, 15_984, 29_970, 29_970])
})

test('after a good watch the waits begin anew', async () => {
  const { server, clock, passPause, established, syncs } = await watching()
  server.watch().reset()
  await expect(passPause()).resolves.toBe(999)
  await syncs.reached(2)
  await server.asked(4)
  await established()
  await clock.advance(30_000)
  server.watch().reset()
  await expect(passPause()).resolves.toBe(999)
})

test('another error in the stream is told and listed anew', async () => {
  const { server, passPause, log } = await watching()
  server.watch().error(500, `etcd is away ${canary}`)
  await passPause()
  await server.asked(4)
  expect(log.lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
    'warn watch interrupted',
    'info watch goes on',
  ])
})

test.each([
  ['no JSON', 'nonsense\n'],
  ['no event', '{"type":"ADDED"}\n'],
  ['of an unknown type', '{"type":"MOVED","object":{"metadata":{"resourceVersion":"1"}}}\n'],
  ['without a version', '{"type":"ADDED","object":{"metadata":{}}}\n'],
  ['a list', '[]\n'],
  ['longer than 12 MiB', Buffer.alloc(12 * 1024 * 1024 + 1, 'x')],
])('a line that is %s ends the watch, which heals', async (_what, line) => {
  const { server, passPause, changes, log } = await watching()
  server.watch().response.write(line)
  await passPause()
  await server.asked(4)
  server.put(secretPath, { data: {} })
  await changes.reached(2)
  expect(log.lines[0]?.fields['error']).toMatchObject({ code: 'ClusterAnswerInvalid' })
})

test('a line may be as long as JSON makes what the API server keeps', async () => {
  const { server, changes, log } = await watching()
  server.put(secretPath, { metadata: { annotations: { x: 'x'.repeat(6 * 1.5 * 1024 * 1024) } } })
  await changes.reached(2)
  expect(log.lines).toEqual([])
})

test('a line that the end cuts off is none', async () => {
  const { server, passPause, log, changes } = await watching()
  server.watch().response.end('{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}')
  await passPause()
  await server.asked(4)
  expect(changes.count()).toBe(1)
  expect(log.lines[0]?.fields['error']).toMatchObject({ code: 'ClusterAnswerInvalid' })
})

test('a connection that went silent is given up a while after the watch should have ended', async () => {
  const { server, clock, passPause, log, established } = await watching()
  await established()
  await clock.advance(359_999)
  expect(server.watches.size).toBe(1)
  await clock.advance(1)
  await passPause()
  await server.asked(4)
  expect(log.lines[0]?.fields['error']).toMatchObject({
    message: expect.stringContaining('watch: no whole answer within 360 s'),
  })
})

test('a head that never comes is given up after 5 s', async () => {
  const world = await startWorld()
  world.server.fail(hang)
  const { changes } = start(world)
  await world.server.asked(1)
  await world.clock.advance(5_000)
  await world.passPause()
  await changes.reached(1)
})

test('trouble is waited for longer and longer, said once, and said when it is over', async () => {
  const world = await startWorld()
  const denied = answering(403, 'no rights')
  world.server.fail(reset, reset, denied, denied, denied, denied, denied)
  const { changes, log } = start(world)
  const pauses: number[] = []
  for (let trouble = 0; trouble < 7; trouble += 1) pauses.push(await world.passPause())
  await changes.reached(1)
  expect(pauses).toEqual([999, 1_998, 3_996, 7_992, 15_984, 29_970, 29_970])
  expect(
    log.lines.filter(({ level }) => level !== 'debug').map(({ level, fields }) => [level, fields['error']]),
  ).toEqual([
    ['warn', expect.objectContaining({ code: 'ClusterUnreachable' })],
    ['warn', expect.objectContaining({ code: 'ClusterForbidden' })],
    ['info', undefined],
  ])
})

test('a server that asks for patience gets it, within reason', async () => {
  const world = await startWorld()
  world.server.fail(answering(429, 'busy', { 'retry-after': '7' }), answering(503, 'busy', { 'retry-after': '9999' }))
  const { changes } = start(world)
  await expect(world.passPause()).resolves.toBe(7_000)
  await expect(world.passPause()).resolves.toBe(30_000)
  await changes.reached(1)
})

test.each([
  ['no list', raw(200, '{"items":[]}')],
  ['no items', raw(200, '{"metadata":{"resourceVersion":"1"},"items":[7]}')],
  ['no JSON', raw(200, '<html>')],
])('an answer with %s is listed anew', async (_what, fault) => {
  const world = await startWorld()
  world.server.fail(fault)
  const { changes, log } = start(world)
  await world.passPause()
  await changes.reached(1)
  expect(log.lines[0]?.fields['error']).toMatchObject({ code: 'ClusterAnswerInvalid' })
})

test('a listener that throws does not end the watch', async () => {
  const world = await startWorld()
  let thrown = 0
  const { changes, log } = start(world, {
    onChange: () => {
      thrown += 1
      if (thrown === 1) throw new Error(canary)
    },
  })
  await world.passPause()
  await world.server.asked(3)
  world.server.put(secretPath)
  await changes.reached(2)
  expect(log.lines[0]?.fields['error']).toMatchObject({ code: 'Internal' })
})
