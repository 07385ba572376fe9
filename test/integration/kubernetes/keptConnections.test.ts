import { once } from 'node:events'
import { get } from 'node:https'
import { expect, test } from 'vitest'
import { keepConnections } from '../../../src/kubernetes/keptConnections.ts'
import { authority, canary, startApiServer } from './apiServer.ts'
import { hang, hold, reset } from './faults.ts'
import { accountPath, role, type Sources, sourcing } from './sourcing.ts'
import { failureOf } from './support.ts'

const prepare: Parameters<typeof sourcing>[0] = (server) => {
  for (const name of ['a', 'b', 'c']) server.annotate(accountPath('shop', name), { [role]: `arn:${name}` })
}
/** Watches nothing any more, and keeps no connection; how many there have been is told by `others`. */
async function start() {
  const sources = await sourcing(prepare)
  await sources.stop()
  const closed = Promise.all([...sources.server.sockets].map((socket) => once(socket, 'close')))
  for (const socket of sources.server.sockets) socket.destroy()
  await closed
  // What closed is known here only after a turn of the event loop.
  await sources.clock.advance(0)
  return { ...sources, others: sources.server.connections() }
}
const ask = ({ lookup }: Pick<Sources, 'lookup'>, name = 'a') => lookup.serviceAccount('shop', name)

/** So many connections are kept, all of them idle. */
async function keep(sources: Sources, count: number): Promise<void> {
  const holds = Array.from({ length: count }, () => hold())
  const before = sources.server.seen.length
  sources.server.failOn(/serviceaccounts\/kept/, ...holds.map(({ fault }) => fault))
  const answers = holds.map((_each, at) => ask(sources, `kept-${at}`))
  await sources.server.asked(before + count)
  for (const { open } of holds) open()
  await Promise.all(answers)
  await sources.clock.advance(0)
}

test('requests for single objects go over one connection; watches have their own', async () => {
  const sources = await start()
  expect(sources.others).toBe(4)
  for (const name of ['a', 'b', 'c', 'none']) await ask(sources, name)
  expect(sources.server.connections()).toBe(5)
  expect(sources.server.seen.slice(4).map(({ headers }) => headers.connection)).toEqual(Array(4).fill('keep-alive'))
  expect(sources.clock.pending()).toBe(0)
})

test('as many as are under way at a time are kept', async () => {
  const sources = await start()
  await keep(sources, 32)
  await keep(sources, 32)
  expect(sources.server.connections()).toBe(sources.others + 32)
})

test('one that broke since it served is replaced at once, and those beside it are closed', async () => {
  const sources = await start()
  await keep(sources, 3)
  sources.server.failOn(/\/a$/, reset)
  const closed = Promise.all([...sources.server.sockets].map((socket) => once(socket, 'close')))
  await expect(ask(sources)).resolves.toEqual({ [role]: 'arn:a' })
  await closed
  expect(sources.gets().slice(3)).toEqual([accountPath('shop', 'a'), accountPath('shop', 'a')])
  expect(sources.server.connections()).toBe(sources.others + 4)
  expect(sources.clock.pending()).toBe(0)
})

test('a new one that breaks is not tried again at once', async () => {
  const sources = await start()
  await keep(sources, 1)
  sources.server.failOn(/\/a$/, reset, reset)
  const answer = ask(sources)
  expect(await sources.passPause()).toBe(100)
  await expect(answer).resolves.toEqual({ [role]: 'arn:a' })
})

test('one on which nothing comes is given up, and those beside it are not tried', async () => {
  const sources = await start()
  await keep(sources, 3)
  sources.server.failOn(/\/a$/, hang)
  const answer = ask(sources)
  await sources.server.asked(8)
  await sources.clock.advance(1_000)
  await sources.passPause()
  await expect(answer).resolves.toEqual({ [role]: 'arn:a' })
  expect(sources.server.connections()).toBe(sources.others + 4)
})

test('an answer that breaks off is asked for again, once', async () => {
  const sources = await start()
  await keep(sources, 1)
  sources.server.failOn(/\/a$/, (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"metadata":', () => request.socket.destroy())
  })
  const answer = ask(sources)
  await sources.passPause()
  await expect(answer).resolves.toEqual({ [role]: 'arn:a' })
  expect(sources.gets().slice(1)).toHaveLength(2)
})

test('a token that was replaced counts on a connection that is kept, too', async () => {
  const sources = await start()
  await ask(sources)
  sources.server.accept('another')
  await expect(failureOf(ask(sources))).resolves.toMatchObject({ code: 'ClusterForbidden' })
  expect(sources.server.connections()).toBe(sources.others + 1)
})

test('a closed cluster keeps none', async () => {
  const sources = await start()
  await keep(sources, 2)
  const closed = Promise.all([...sources.server.sockets].map((socket) => once(socket, 'close')))
  sources.cluster.close()
  await closed
  expect(sources.server.sockets.size).toBe(0)
})

test('one that nobody uses for 15 s is closed', async () => {
  const server = await startApiServer()
  const agent = keepConnections()
  const options = { agent, ca: authority.pem, headers: { authorization: `Bearer ${canary}` } }
  const asked = get(`https://127.0.0.1:${server.port}/api/v1/namespaces/shop`, options, (response) => response.resume())
  await once(asked, 'close')
  const [kept] = Object.values(agent.freeSockets).flat()
  // As the system would after that silence: its own timer no test can advance.
  expect(kept?.timeout).toBe(15_000)
  kept?.emit('timeout')
  expect(kept?.destroyed).toBe(true)
})
