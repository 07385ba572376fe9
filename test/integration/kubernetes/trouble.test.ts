import { once } from 'node:events'
import { expect, test } from 'vitest'
import { secretStore } from '../../../src/kubernetes/index.ts'
import { canary } from './apiServer.ts'
import { answering, endless, garbage, hang, raw, reset, stall } from './faults.ts'
import { failureOf, secret, secretPath, startWorld, type World } from './support.ts'

const read = ({ cluster }: World) => secretStore(cluster, secret).read()
const title = 'Secret lanyard-system/lanyard-webhook-ca'

/** Lets so many waits between attempts pass. */
async function passPauses(world: World, count: number): Promise<void> {
  for (let pause = 0; pause < count; pause += 1) await world.passPause()
}

test.each([
  [401, 'ClusterForbidden'],
  [403, 'ClusterForbidden'],
  [422, 'ClusterForbidden'],
  [404, 'ClusterObjectMissing'],
  [400, 'ClusterAnswerInvalid'],
  [409, 'ClusterAnswerInvalid'],
  [410, 'ClusterAnswerInvalid'],
  [301, 'ClusterAnswerInvalid'],
  [204, 'ClusterAnswerInvalid'],
] as const)('HTTP %i is %s at once, with verb, object and the words of the server', async (code, expected) => {
  const world = await startWorld()
  world.server.fail(answering(code, 'because\nof it'))
  const failure = await failureOf(read(world))
  expect(failure.code).toBe(expected)
  const words = code === 204 ? '' : ': because of it'
  expect(failure.message).toContain(`${title}: get: HTTP ${code}${words}.`)
  expect(world.server.seen).toHaveLength(1)
})

test('a redirect is not followed', async () => {
  const world = await startWorld()
  world.server.fail(raw(307, '', { location: secretPath }))
  await expect(failureOf(read(world))).resolves.toMatchObject({ code: 'ClusterAnswerInvalid' })
  expect(world.server.seen).toHaveLength(1)
})

test.each([429, 500, 503, 504])('HTTP %i is asked again, three times at most', async (code) => {
  const world = await startWorld()
  world.server.fail(answering(code), answering(code), answering(code))
  const [failure] = await Promise.all([failureOf(read(world)), passPauses(world, 2)])
  expect(failure.code).toBe('ClusterUnreachable')
  expect(failure.message).toContain(`${title}: get: HTTP ${code}: no.`)
  expect(world.server.seen).toHaveLength(3)
})

test('an answer that comes late after all is good', async () => {
  const world = await startWorld()
  world.server.put(secretPath)
  world.server.fail(answering(500), reset)
  const [secretRead] = await Promise.all([read(world), passPauses(world, 2)])
  expect(secretRead.version).toBe(world.server.version())
})

test('a server that asks for patience gets it', async () => {
  const world = await startWorld()
  world.server.put(secretPath)
  world.server.fail(answering(429, 'busy', { 'retry-after': '3' }))
  const reading = read(world)
  await expect(world.passPause()).resolves.toBe(3_000)
  await expect(reading).resolves.toMatchObject({ values: {} })
})

test('a server that asks for more patience than there is is left alone', async () => {
  const world = await startWorld()
  world.server.fail(answering(503, 'busy', { 'retry-after': '60' }))
  await expect(failureOf(read(world))).resolves.toMatchObject({ code: 'ClusterUnreachable' })
  expect(world.server.seen).toHaveLength(1)
})

test('a patch that was made, but whose answer was lost, is a conflict', async () => {
  const world = await startWorld()
  world.server.put(secretPath)
  const version = world.server.version()
  world.server.fail((request) => {
    world.server.put(secretPath, { data: {} })
    request.socket.destroy()
  })
  const [result] = await Promise.all([
    secretStore(world.cluster, secret).write({}, { values: {}, version }),
    passPauses(world, 1),
  ])
  expect(result).toBe('conflict')
})

test.each([
  ['never begins', hang],
  ['never ends', stall],
])('an answer that %s is given up after 5 s', async (_what, fault) => {
  const world = await startWorld()
  world.server.fail(fault, fault, fault)
  const reading = failureOf(read(world))
  for (const attempt of [1, 2, 3]) {
    await world.server.asked(attempt)
    await world.clock.advance(5_000)
    if (attempt < 3) await world.passPause()
  }
  const failure = await reading
  expect(failure.code).toBe('ClusterUnreachable')
  expect(failure.message).toContain(`${title}: get: no whole answer within 5 s.`)
})

test('nobody who listens is told by the word of the system', async () => {
  const world = await startWorld()
  await world.server.stop()
  const [failure] = await Promise.all([failureOf(read(world)), passPauses(world, 2)])
  expect(failure.code).toBe('ClusterUnreachable')
  expect(failure.message).toContain('there is no connection, or it broke (ECONNREFUSED)')
})

test.each([
  ['no JSON', raw(200, '<html>')],
  ['no object', raw(200, '[]')],
  ['nothing', raw(200, '')],
  ['longer than 4 MiB', endless],
  ['no HTTP', garbage],
])('an answer that is %s is refused at once', async (_what, fault) => {
  const world = await startWorld()
  world.server.fail(fault)
  await expect(failureOf(read(world))).resolves.toMatchObject({ code: 'ClusterAnswerInvalid' })
  expect(world.server.seen).toHaveLength(1)
})

test.each([401, 403, 422, 404, 400])('a server that sends the token back with HTTP %i is not quoted', async (code) => {
  const world = await startWorld()
  world.server.fail((request, ...more) => {
    answering(code, `you sent ${request.headers.authorization?.slice(20, 60)}`)(request, ...more)
  })
  const failure = await failureOf(read(world))
  expect(failure.message).toContain(`get: HTTP ${code}.`)
})

test.each([
  ['plain', 'c4n4ry private key'],
  ['as base64', Buffer.from('c4n4ry private key').toString('base64')],
])('a server that sends a value of the Secret back, %s, is not quoted', async (_how, quoted) => {
  const world = await startWorld()
  world.server.fail(answering(422, `invalid: ${quoted}`))
  const failure = await failureOf(
    secretStore(world.cluster, secret).write({ 'ca.key': 'c4n4ry private key' }, { values: {}, version: '1' }),
  )
  expect(failure.message).toContain('patch: HTTP 422.')
})

test('a closed cluster ends what is under way, and asks nothing more', async () => {
  const world = await startWorld()
  world.server.fail(hang)
  const reading = failureOf(read(world))
  await world.server.asked(1)
  world.cluster.close()
  await expect(reading).resolves.toMatchObject({ code: 'ClusterUnreachable' })
  await failureOf(read(world))
  expect(world.server.seen).toHaveLength(1)
  expect(world.clock.pending()).toBe(0)
})

test('no connection outlives its answer', async () => {
  const world = await startWorld()
  world.server.put(secretPath)
  world.server.fail(raw(500, canary), endless)
  await Promise.all([failureOf(read(world)), passPauses(world, 1)])
  await Promise.all([...world.server.sockets].map((socket) => socket.destroyed || once(socket, 'close')))
  expect(world.clock.pending()).toBe(0)
})
