import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type EndpointOptions, startEndpoint } from '../../../src/endpoint/index.ts'
import { held, TOKEN } from '../../unit/endpoint/builders.ts'
import {
  answeringApp,
  closing,
  type FakeSession,
  fakeSession,
  message,
  open,
  raw,
  readAll,
  statusOf,
} from './harness.ts'

const line = 'GET /v1/credentials HTTP/1.1'
const asking = message(line, 'Host: 127.0.0.1', `Authorization: ${TOKEN}`)
const askingOnce = message(line, 'Host: 127.0.0.1', `Authorization: ${TOKEN}`, 'Connection: close')

type Change = Pick<EndpointOptions, 'limits'> & { session?: FakeSession }

const start = ({ session = fakeSession(held()), limits = { localConnections: 3 } }: Change = {}) =>
  closing(startEndpoint({ port: 0, answering: answeringApp(session), limits }))

/** A connection kept for another request. */
async function idle(port: number): Promise<Socket> {
  const socket = await open(port)
  socket.write(asking)
  await once(socket, 'data')
  return socket
}

/** A connection that the server has read these bytes of: it answers on another that came later. */
async function sending(port: number, bytes: string): Promise<Socket> {
  const socket = await open(port)
  socket.write(bytes)
  return socket
}

const ended = async (socket: Socket): Promise<void> => void (socket.closed || (await once(socket, 'close')))

describe('where all places are taken', () => {
  test('a newcomer gets that of the connection that has been idle for the longest time', async () => {
    const { port } = await start()
    const [first, second, third] = [await idle(port), await idle(port), await idle(port)]
    first.write(asking)
    await once(first, 'data')
    expect(statusOf(await raw(port, askingOnce))).toBe(200)
    await ended(second)
    expect([first.closed, third.closed]).toEqual([false, false])
  })

  test('one that was served goes before one that has only just come', async () => {
    const { port } = await start({ limits: { localConnections: 2 } })
    const slow = await sending(port, 'GET /v1')
    const kept = await idle(port)
    expect(statusOf(await raw(port, askingOnce))).toBe(200)
    await ended(kept)
    expect(slow.closed).toBe(false)
  })

  test('one that was refused goes before one that was served', async () => {
    const { port } = await start({ limits: { localConnections: 2 } })
    const served = await idle(port)
    const refused = await open(port)
    refused.write(message(line, 'Host: 127.0.0.1', 'Authorization: wrong'))
    await once(refused, 'data')
    expect(statusOf(await raw(port, askingOnce))).toBe(200)
    await ended(refused)
    expect(served.closed).toBe(false)
  })

  test('where none is idle, one without a whole request goes, the oldest first', async () => {
    const { port } = await start()
    const [first, second, third] = [
      await sending(port, ''),
      await sending(port, 'G'),
      await sending(port, `${line}\r\nHost`),
    ]
    expect(statusOf(await raw(port, askingOnce))).toBe(200)
    await ended(first)
    expect([second.closed, third.closed]).toEqual([false, false])
  })

  test('a refused peer that lingers goes first', async () => {
    const { port } = await start({ limits: { localConnections: 2, linger: 60_000 } })
    const kept = await idle(port)
    const refused = await open(port)
    const all = readAll(refused)
    refused.write('GARBAGE\r\n\r\n')
    await once(refused, 'data')
    expect(statusOf(await raw(port, askingOnce))).toBe(200)
    expect(statusOf(await all)).toBe(400)
    expect(kept.closed).toBe(false)
  })

  test('nobody loses an answer that is being made: the newcomer is turned away', async () => {
    const session = fakeSession()
    const { port } = await start({ session, limits: { localConnections: 1 } })
    const waiting = raw(port, askingOnce)
    await session.waited
    expect(await raw(port, askingOnce)).toBe('')
    session.become(held())
    expect(statusOf(await waiting)).toBe(200)
  })
})

test('whoever waits for a turn is answered, also when that was the last that it sends', async () => {
  const { port } = await start({ limits: {} })
  const connections = await Promise.all(Array.from({ length: 60 }, () => idle(port)))
  const answers = connections.map((connection) => readAll(connection))
  for (const connection of connections) connection.end(asking)
  expect((await Promise.all(answers)).map(statusOf)).toEqual(connections.map(() => 200))
})

test('300 connections that come back as often as they are closed keep nobody out', async () => {
  const { port } = await start({ limits: {} })
  let over = false
  const hold = async (): Promise<void> => {
    const socket = await open(port)
    socket.write('G')
    await ended(socket)
    if (!over) void hold().catch(() => undefined)
  }
  for (let count = 0; count < 300; count += 1) void hold().catch(() => undefined)
  for (let count = 0; count < 20; count += 1) expect(statusOf(await raw(port, askingOnce))).toBe(200)
  over = true
})
