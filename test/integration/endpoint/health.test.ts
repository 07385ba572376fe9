import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type HealthOptions, startHealth } from '../../../src/endpoint/index.ts'
import { failure, held, none } from '../../unit/endpoint/builders.ts'
import { bodyOf, closing, fakeSession, message, open, raw, readAll, statusOf } from './harness.ts'

/** A gate and timers that the test turns by hand. */
function byHand() {
  const opened = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const timers: { time: number; fire: () => void; cancelled: boolean }[] = []
  let passed = false
  const gate = { passed: () => passed, opened: opened.promise }
  const pass = () => {
    passed = true
    opened.resolve()
  }
  const after = (time: number, fire: () => void) => {
    const timer = { time, fire, cancelled: false }
    timers.push(timer)
    entered.resolve()
    return () => {
      timer.cancelled = true
    }
  }
  return { gate, pass, after, timers, entered: entered.promise }
}

async function start(change: Partial<HealthOptions> = {}) {
  const hands = byHand()
  const metrics = () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' })
  const base = { port: 0, sessions: [fakeSession(held())], gate: hands.gate, after: hands.after, metrics, now: () => 0 }
  const server = await closing(startHealth({ ...base, ...change }))
  return { ...server, ...hands }
}

const asking = (target: string, ...more: string[]) =>
  message(`GET ${target} HTTP/1.1`, 'Host: 10.1.2.3:9798', 'Connection: close', ...more)
const get = (port: number, target: string) => raw(port, asking(target))

describe('routes', () => {
  test('/healthz is 200 with or without credentials', async () => {
    const { port } = await start({ sessions: [fakeSession()] })
    expect(statusOf(await get(port, '/healthz'))).toBe(200)
  })

  test('/readyz is 200 when every session holds credentials', async () => {
    const { port } = await start()
    expect(statusOf(await get(port, '/readyz'))).toBe(200)
  })

  test('/readyz else names each session with its last failure', async () => {
    const sessions = [fakeSession(held(), 'app'), fakeSession(none(failure), 'side'), fakeSession(none(), 'late')]
    const { port } = await start({ sessions })
    const text = await get(port, '/readyz')
    expect(statusOf(text)).toBe(503)
    expect(JSON.parse(bodyOf(text))).toMatchObject({
      code: 'CredentialsNotReady',
      message: expect.stringContaining('TokenExpired: it expired at noon'),
      sessions: [
        { name: 'app', code: 'Success', message: '' },
        { name: 'side', code: 'TokenExpired', message: 'it expired at noon' },
        { name: 'late', code: 'CredentialsNotReady', message: '' },
      ],
    })
  })

  test('/metrics is what was handed in, with its content type', async () => {
    const { port } = await start()
    const text = await get(port, '/metrics?name=up')
    expect(text).toMatch(/\r\nContent-Type: text\/plain; version=0.0.4\r\n/)
    expect(bodyOf(text)).toBe('up 1\n')
  })

  test('/metrics that break are a 500, and reported', async () => {
    const onFailure = vi.fn()
    const { port } = await start({ metrics: () => Promise.reject(new Error('secret')), onFailure })
    const text = await get(port, '/metrics')
    expect(statusOf(text)).toBe(500)
    expect(text).not.toContain('secret')
    expect(onFailure).toHaveBeenCalledOnce()
  })

  test('/metrics are made once a second, however many scrape', async () => {
    const made = Promise.withResolvers<void>()
    const times = { now: 10_000, scrapes: 0 }
    const metrics = async () => {
      times.scrapes += 1
      await made.promise
      return { contentType: 'text/plain', body: `scrapes ${times.scrapes}\n` }
    }
    const { port } = await start({ metrics, now: () => times.now })
    const [first, second] = [get(port, '/metrics'), get(port, '/metrics')]
    made.resolve()
    expect([bodyOf(await first), bodyOf(await second)]).toEqual(['scrapes 1\n', 'scrapes 1\n'])
    times.now += 999
    expect(bodyOf(await get(port, '/metrics'))).toBe('scrapes 1\n')
    times.now += 1
    expect(bodyOf(await get(port, '/metrics'))).toBe('scrapes 2\n')
    times.now -= 5_000
    expect(bodyOf(await get(port, '/metrics'))).toBe('scrapes 3\n')
  })

  test('/metrics that broke are made again at the next scrape', async () => {
    const metrics = vi.fn(() => Promise.resolve({ contentType: 'text/plain', body: 'up 1\n' }))
    metrics.mockRejectedValueOnce(new Error('broken'))
    const { port } = await start({ metrics })
    expect(statusOf(await get(port, '/metrics'))).toBe(500)
    expect(statusOf(await get(port, '/metrics'))).toBe(200)
  })

  test('no route answers more than it should', async () => {
    const { port } = await start()
    expect(statusOf(await get(port, '/v1/credentials'))).toBe(404)
    expect(statusOf(await get(port, '/healthz/'))).toBe(404)
    expect(statusOf(await raw(port, asking('/healthz', 'Content-Length: 5')))).toBe(400)
    expect(statusOf(await raw(port, asking('/healthz').replace('GET', 'POST')))).toBe(405)
    expect(statusOf(await raw(port, 'GARBAGE\r\n\r\n'))).toBe(400)
  })
})

describe('/startupz', () => {
  test('without a wait says at once how it stands', async () => {
    const { port, pass, timers } = await start({ sessions: [fakeSession(none(failure))] })
    expect(await get(port, '/startupz')).toContain('TokenExpired')
    expect(statusOf(await get(port, '/startupz?wait=0'))).toBe(503)
    pass()
    expect(statusOf(await get(port, '/startupz'))).toBe(200)
    expect(statusOf(await get(port, '/startupz?wait=60'))).toBe(200)
    expect(timers).toEqual([])
  })

  test('stays 200 when the credentials are lost later', async () => {
    const { port, pass } = await start({ sessions: [fakeSession(none(failure))] })
    pass()
    expect(statusOf(await get(port, '/startupz'))).toBe(200)
    expect(statusOf(await get(port, '/readyz'))).toBe(503)
  })

  test('with a wait answers when the gate opens', async () => {
    const { port, pass, entered, timers } = await start()
    const text = get(port, '/startupz?wait=27.5')
    await entered
    pass()
    expect(statusOf(await text)).toBe(200)
    expect(timers).toMatchObject([{ time: 27_500, cancelled: true }])
  })

  test('and with the cause when the time is over', async () => {
    const { port, entered, timers } = await start({ sessions: [fakeSession(none(failure))] })
    const text = get(port, '/startupz?wait=60')
    await entered
    timers[0]?.fire()
    expect(statusOf(await text)).toBe(503)
    expect(await text).toContain('TokenExpired')
  })

  test('its own timer does the same', async () => {
    const { gate } = byHand()
    const metrics = () => Promise.reject(new Error('unused'))
    const { port } = await closing(
      startHealth({ port: 0, host: '127.0.0.1', sessions: [], gate, metrics, now: () => 0 }),
    )
    expect(statusOf(await get(port, '/startupz?wait=0.001'))).toBe(503)
  })

  test('a poller that goes away leaves no timer', async () => {
    const { port, entered, timers } = await start()
    const socket = await open(port)
    socket.write(asking('/startupz?wait=60'))
    await entered
    socket.destroy()
    await vi.waitUntil(() => timers[0]?.cancelled)
    expect(timers).toHaveLength(1)
  })

  test('beyond 16 who wait, an answer comes at once', async () => {
    const { port, timers, pass } = await start()
    const waiting = Array.from({ length: 16 }, () => get(port, '/startupz?wait=60'))
    await vi.waitUntil(() => timers.length === 16)
    expect(statusOf(await get(port, '/startupz?wait=60'))).toBe(503)
    pass()
    expect((await Promise.all(waiting)).map(statusOf)).toEqual(Array(16).fill(200))
  })

  test('closing answers who waits', async () => {
    const { port, entered, close } = await start()
    const text = get(port, '/startupz?wait=60')
    await entered
    await close()
    expect(statusOf(await text)).toBe(503)
  })

  test.each(['wait=61', 'wait=-1', 'wait=', 'wait=1e1', 'wait=1&x', 'x=1', 'wait=NaN'])(
    '%s is malformed',
    async (query) => {
      const { port } = await start()
      expect(statusOf(await get(port, `/startupz?${query}`))).toBe(400)
    },
  )
})

/** Whoever connects is a neighbour until the pod itself has come: not every machine has an address beside loopback. */
function amongNeighbours() {
  let comes: 'neighbour' | 'pod' = 'neighbour'
  return {
    isLocal: () => comes === 'pod',
    podComes: () => {
      comes = 'pod'
    },
  }
}

describe('neighbours', () => {
  test('get an answer at once, whatever wait they ask for', async () => {
    const { isLocal } = amongNeighbours()
    const { port, timers } = await start({ isLocal })
    expect(statusOf(await get(port, '/startupz?wait=60'))).toBe(503)
    expect(timers).toEqual([])
  })

  test('have no say over the places of the pod itself', async () => {
    const { isLocal, podComes } = amongNeighbours()
    const { port } = await start({ isLocal, limits: { remoteConnections: 1, localConnections: 1 } })
    const neighbour = await open(port)
    neighbour.write(asking('/healthz').slice(0, -2))
    expect(statusOf(await get(port, '/healthz'))).toBe(200)
    podComes()
    const pod = await open(port)
    pod.write('GET')
    expect(statusOf(await get(port, '/startupz?wait=0'))).toBe(503)
    if (!pod.closed) await once(pod, 'close')
  })

  test('of one address cannot take the places of others', async () => {
    const { isLocal } = amongNeighbours()
    const { port } = await start({ isLocal, limits: { remoteConnections: 3, connectionsPerAddress: 2 } })
    const other = await openFrom('127.0.0.2', port)
    const first = await openFrom('127.0.0.1', port)
    first.write('GET')
    const crowd = Array.from({ length: 20 }, async () => {
      const socket = await open(port)
      socket.write('GET')
    })
    await Promise.all(crowd)
    expect(statusOf(await get(port, '/healthz'))).toBe(200)
    if (!first.closed) await once(first, 'close')
    const answer = readAll(other)
    other.write(asking('/healthz'))
    expect(statusOf(await answer)).toBe(200)
  })

  test('of many addresses cannot keep a newcomer out', async () => {
    const { isLocal } = amongNeighbours()
    const { port } = await start({ isLocal, limits: { remoteConnections: 2, connectionsPerAddress: 1 } })
    const crowd = [await openFrom('127.0.0.2', port), await openFrom('127.0.0.3', port)]
    for (const socket of crowd) socket.write('GET')
    expect(statusOf(await get(port, '/startupz'))).toBe(503)
  })
})

async function openFrom(localAddress: string, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket
}

test('a port in use names the setting', async () => {
  const { port } = await start()
  await expect(start({ port })).rejects.toMatchObject({
    code: 'PortInUse',
    problems: [{ field: 'lanyard.dev/metrics-port', message: `port ${port} of the pod is taken` }],
  })
})
