/** Asks a server as fast as it answers, with as little work as can be: what is measured is the server. */
import { connect, type Socket } from 'node:net'
import process from 'node:process'
import { connect as connectTls } from 'node:tls'
import { quantile } from '../statistics.ts'
import type { Load, Loaded } from './load.ts'

process.on('message', (load: Load) => {
  ask(load).then(
    (loaded) => process.send?.(loaded),
    (error: unknown) => process.send?.({ failed: error instanceof Error ? error.message : String(error) }),
  )
})

async function ask(load: Load): Promise<Loaded> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)))
  const request = Buffer.from(load.request)
  const times: number[] = []
  let left = load.requests ?? Number.POSITIVE_INFINITY
  const began = performance.now()
  const until = began + (load.time ?? Number.POSITIVE_INFINITY)
  const goesOn = (): boolean => {
    left -= 1
    return left >= 0 && performance.now() < until
  }
  try {
    await Promise.all(sockets.map((socket) => converse(socket, { request, expect: load.expect, times, goesOn })))
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  const seconds = (performance.now() - began) / 1_000
  return {
    requests: times.length,
    perSecond: times.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    p999: quantile(times, 0.999),
  }
}

function open({ port, ca }: Load): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const address = { host: '127.0.0.1', port }
    const socket =
      ca === undefined
        ? connect(address, () => resolve(socket))
        : connectTls({ ...address, ca, servername: 'localhost', checkServerIdentity: () => undefined }, () =>
            resolve(socket),
          )
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

type Conversation = {
  readonly request: Buffer
  readonly expect: string
  readonly times: number[]
  readonly goesOn: () => boolean
}

function converse(socket: Socket, { request, expect, times, goesOn }: Conversation): Promise<void> {
  return new Promise((resolve, reject) => {
    const isWhole = recognize(expect)
    let received: Buffer | undefined
    let began = 0
    const next = (): void => {
      if (goesOn()) {
        began = performance.now()
        socket.write(request)
      } else resolve()
    }
    socket.on('data', (part: Buffer) => {
      received = received === undefined ? part : Buffer.concat([received, part])
      try {
        if (!isWhole(received)) return
        times.push(performance.now() - began)
        received = undefined
        next()
      } catch (error) {
        reject(error)
      }
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed a connection')))
    next()
  })
}

/**
 * Tells whether an answer is there to its end; throws where it is another. Answers mostly are as long as the one before and
 * hold the same in the same place, which is soon seen: who asks must have less to do than the server.
 */
function recognize(expect: string): (received: Buffer) => boolean {
  const wanted = Buffer.from(expect)
  let usual = { length: -1, at: 0 }
  return (received) => {
    const { length, at } = usual
    if (received.length === length && wanted.compare(received, at, at + wanted.length) === 0) return true
    const end = endOf(received)
    if (end === undefined || received.length < end) return false
    usual = { length: end, at: received.indexOf(wanted) }
    if (received.length > end || usual.at < 0) throw new Error(received.toString('utf8', 0, 400))
    return true
  }
}

/** How long the answer is in all, once its head is there. */
function endOf(received: Buffer): number | undefined {
  const head = received.indexOf('\r\n\r\n')
  if (head < 0) return undefined
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.toString('latin1', 0, head))?.[1]
  if (length === undefined) throw new Error('an answer without Content-Length')
  return head + 4 + Number(length)
}
