import type { Socket } from 'node:net'
import { type Attack, ask, type Target, tally } from '../attack.ts'
import { closed, connected, converse, crowd, dial, read } from '../wire.ts'

const malformed = '400 RequestMalformed'
/** Whole requests must be there within 5 s, which is looked at every 2.5 s. */
const LATEST_CUT = 10_000

const unfinished = (target: Target): string => ask(target).trimEnd()

/** A byte of a header each second, 8 kB of headers and no end, not a byte. */
const crawlers = [
  { start: unfinished, drip: 'x' },
  { start: (target: Target) => `${unfinished(target)}\r\nX: ${'x'.repeat(7_900)}`, drip: '' },
  { start: () => '', drip: '' },
] as const

const slowloris: Attack = {
  name: 'slow/slowloris, 192 connections',
  expected: `192 × ${malformed}, within 10 s`,
  only: 'container',
  act: async (target) => {
    const began = performance.now()
    const seen = await Promise.all(
      Array.from({ length: 64 }, () => crawlers.map(({ start, drip }) => dripInto(target, start(target), drip))).flat(),
    )
    const took = performance.now() - began
    return {
      seen: `${tally(seen)}, ${took < LATEST_CUT ? 'within' : 'not within'} 10 s`,
      note: `the last after ${(took / 1_000).toFixed(1)} s`,
    }
  },
}

/** One byte a second, which is what this attack is. */
async function dripInto({ port }: Target, start: string, drip: string): Promise<string> {
  const socket = dial(port)
  const seen = read(socket)
  await connected(socket)
  if (start !== '') socket.write(start)
  const timer = drip === '' ? undefined : setInterval(() => socket.writable && socket.write(drip), 1_000)
  await closed(socket)
  clearInterval(timer)
  return await seen
}

const CONNECTIONS = 10_000
/** What the endpoint keeps. */
const PLACES = 256

/** Newcomers push out those that wait, so that a request gets in among ten thousand. */
const idle = (name: string, bytes: (target: Target) => string, only: Partial<Pick<Attack, 'only'>> = {}): Attack => ({
  ...only,
  name: `slow/10,000 connections, ${name}`,
  expected: `${CONNECTIONS} connected, among them 100 × 200 web, ${PLACES} left at most`,
  act: async (target) => {
    const answers: string[] = []
    const { sockets, made } = await crowd(target.port, CONNECTIONS, bytes(target), async () => {
      answers.push(await converse(target.port, ask(target), 1))
    })
    await thinned(sockets)
    for (const socket of sockets) socket.destroy()
    return { seen: `${made} connected, among them ${tally(answers)}, ${PLACES} left at most` }
  },
})

/** Resolves when no more are left than the endpoint keeps. */
async function thinned(sockets: readonly Socket[]): Promise<void> {
  const ends = sockets.map(closed)
  let over = 0
  await new Promise<void>((resolve) => {
    for (const end of ends)
      void end.then(() => {
        over += 1
        if (over >= sockets.length - PLACES) resolve()
      })
  })
}

/** Beyond what two sockets buffer (about 4 MB), an answer stays with the endpoint. */
const ROUNDS = 400
const ROUND = 16

/** Asks and never reads: in step with the endpoint, which lets nobody send far ahead. */
const unread: Attack = {
  name: 'slow/never reads its answers',
  expected: '4 × closed by the endpoint, 200 web meanwhile',
  only: 'container',
  act: async (target) => {
    const sockets = Array.from({ length: 4 }, () => dial(target.port).pause())
    await Promise.all(sockets.map(connected))
    let meanwhile = ''
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const socket of sockets) if (socket.writable) socket.write(ask(target).repeat(ROUND))
      meanwhile = await converse(target.port, ask(target), 1)
    }
    // Whoever does not read learns of the end by writing.
    const timer = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('G')
    }, 500)
    await Promise.all(sockets.map(closed))
    clearInterval(timer)
    return { seen: `${sockets.length} × closed by the endpoint, ${meanwhile} meanwhile` }
  },
}

export const slow: readonly Attack[] = [
  slowloris,
  idle('silent', () => ''),
  idle('kept after an answer', (target) => ask(target), { only: 'container' }),
  unread,
]
