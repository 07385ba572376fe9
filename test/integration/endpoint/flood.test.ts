import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPod, startWorld, type World } from '../sidecar/pod.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

/** Keeps 250 connections that each write 5,000 requests before they read an answer, and come again as often as they are closed. */
function flood(port: number, path: string) {
  const requests = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(5_000)
  const rounds = Promise.withResolvers<void>()
  let over = false
  let closed = 0
  const attack = (): void => {
    if (over) return
    const socket = connect(port, '127.0.0.1')
    socket.pause().on('error', () => undefined)
    socket.on('connect', () => socket.write(requests, () => socket.resume()))
    socket.on('close', () => {
      closed += 1
      if (closed === 1_500) rounds.resolve()
      attack()
    })
  }
  for (let count = 0; count < 250; count += 1) attack()
  const stop = (): void => {
    over = true
  }
  return { rounds: rounds.promise, stop }
}

test.each(['credentials', 'metrics'] as const)(
  'a container without a token cannot end the sidecar, nor keep it from others: a flood of the port of %s',
  async (name) => {
    const sts = await world.startSts()
    const pod = await createPod({ world, endpoint: sts.url })
    const sidecar = pod.sidecar({ NODE_OPTIONS: '--max-old-space-size=64' })
    await sidecar.said(/"msg":"credentials obtained"/)
    const port = pod.ports[name]
    const { rounds, stop } = flood(port, name === 'credentials' ? '/v1/credentials' : '/metrics')
    let going = true
    const ended = rounds.finally(() => {
      going = false
    })
    try {
      while (going) {
        expect((await pod.ask()).status).toBe(200)
        expect((await pod.get(pod.ports.metrics, '/readyz')).status).toBe(200)
      }
      await Promise.race([ended, sidecar.ended])
    } finally {
      stop()
    }
    expect((await pod.ask()).status).toBe(200)
    expect(await sidecar.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  },
  // It is as long as the machine is slow.
  60_000,
)
