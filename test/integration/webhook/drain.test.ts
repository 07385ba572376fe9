import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect as tcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import { drain } from '../../../src/webhook/index.ts'
import { uid } from '../../unit/webhook/reviews.ts'
import { open, type Reply, send } from './client.ts'
import { body, ca, ending, host, start } from './tlsServer.ts'

describe('drain', () => {
  /** Sleeps that end when the test says so. */
  function steps() {
    const waiting: { milliseconds: number; resolve: () => void }[] = []
    const watchers: (() => void)[] = []
    return {
      sleep: (milliseconds: number, signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          waiting.push({ milliseconds, resolve })
          signal.addEventListener('abort', () => resolve())
          watchers.shift()?.()
        }),
      next: async () => {
        if (waiting.length === 0) await new Promise<void>((resolve) => watchers.push(resolve))
        return waiting.shift()
      },
    }
  }

  /** A review whose head and first bytes the server has got, and whose body waits for `end`. */
  async function inFlight(port: number, agent?: Agent) {
    const headers = {
      'content-type': 'application/json',
      'content-length': String(body.length),
      expect: '100-continue',
    }
    const { request, reply } = open({ port, ca: ca.pem, headers, ...(agent === undefined ? {} : { agent }) })
    request.flushHeaders()
    await once(request, 'continue')
    const end = (): Promise<Reply> => {
      request.end(body)
      return reply
    }
    return { end, reply }
  }

  async function draining() {
    const running = await start()
    const clock = steps()
    let ready = true
    const times = { waitFor: 5_000, shed: { quiet: 1_000, most: 1_000 }, finishWithin: 20_000 }
    const begin = () =>
      drain({
        server: running.server,
        log: running.log,
        sleep: clock.sleep,
        notReady: () => {
          ready = false
        },
        ...times,
      })
    return { ...running, clock, begin, isReady: () => ready }
  }

  test('loses no review: kept alive while waiting, then closed by their answers, the last one finished', async () => {
    const { port, clock, begin, isReady } = await draining()
    const agent = ending(new Agent({ keepAlive: true, maxSockets: 1 }))
    const early = await inFlight(port)
    const result = begin()
    expect(isReady()).toBe(false)
    const waiting = await clock.next()
    expect((await send({ port, ca: ca.pem, body, agent })).headers['connection']).toBe('keep-alive')
    waiting?.resolve()
    const shedding = await clock.next()
    // Both a connection from before and a new one: answered, and told to close.
    for (const at of [agent, undefined]) {
      const reply = await send({ port, ca: ca.pem, body, ...(at === undefined ? {} : { agent: at }) })
      expect([reply.status, reply.headers['connection']]).toEqual([200, 'close'])
    }
    shedding?.resolve()
    await clock.next()
    await expect(send({ port, ca: ca.pem, body })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const last = await early.end()
    expect([last.status, last.headers['connection']]).toEqual([200, 'close'])
    expect(last.json()['response']).toMatchObject({ uid, allowed: true })
    expect(await result).toBe('finished')
  })

  test('does not wait for ever: a review that does not end is cut off', async () => {
    const { port, clock, begin } = await draining()
    const stuck = await inFlight(port)
    const silent = tcp({ host, port })
    silent.resume()
    await once(silent, 'connect')
    const result = begin()
    for (let at = 0; at < 3; at += 1) (await clock.next())?.resolve()
    expect(await result).toBe('aborted')
    await expect(stuck.reply).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})
