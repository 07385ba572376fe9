import { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GuardedSocket } from '../../../src/endpoint/guardedSocket.ts'

const head = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

/** A socket whose peer takes nothing. */
class Stuck extends Socket {
  override _write(): void {}
}

/** A guard over a socket that is connected to nothing: the test says what it reads. */
async function guard(mostBody?: number) {
  const socket = new Stuck()
  const clock = { now: 0 }
  const guarded = new GuardedSocket(socket, () => clock.now, mostBody)
  const shown: string[] = []
  guarded.on('data', (bytes: Buffer) => shown.push(bytes.toString('latin1')))
  await new Promise(setImmediate) // From now on bytes flow at once.
  const read = (text: string): void => void socket.emit('data', Buffer.from(text, 'latin1'))
  return { socket, guarded, clock, shown, read, seen: () => shown.join('') }
}

describe('one request at a time', () => {
  test('the second one waits until the first is answered', async () => {
    const { guarded, read, seen } = await guard()
    read(head + head)
    expect(seen()).toBe(head)
    guarded.release('served')
    expect(seen()).toBe(head + head)
  })

  test('wherever the bytes are cut', async () => {
    const text = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', head), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(40), { maxLength: 40 }), async (parts, sizes) => {
        const whole = `${head}${parts.join('')}`
        const { guarded, read, seen, shown } = await guard()
        let at = 0
        for (const size of [...sizes, whole.length]) {
          read(whole.slice(at, at + size))
          at += size
        }
        expect(seen()).toBe(head)
        for (const _ of whole) guarded.release('served')
        // Nothing is lost but the blank lines before a request, and nothing goes on behind the end of a head.
        expect(seen().replaceAll(/[\r\n]/g, '')).toBe(whole.replaceAll(/[\r\n]/g, ''))
        expect(shown.filter((piece) => piece.slice(0, -4).includes('\r\n\r\n'))).toEqual([])
      }),
    )
  })

  test('blank lines are not taken for one', async () => {
    const { read, seen, guarded } = await guard()
    read('\r\n\r\n')
    read(`\r\n\r\n\r\n${head}`)
    expect(seen()).toBe(head)
    expect(guarded.stage).toBe('answering')
  })

  test('what a peer sent before its time is dropped when it has hung up', async () => {
    const { socket, guarded, read, seen } = await guard()
    read(head + head)
    socket.emit('end')
    await new Promise<void>((resolve) => {
      guarded.on('end', () => {
        guarded.release('served')
        expect(seen()).toBe(head)
        resolve()
      })
    })
  })

  test('8 kB may come before their time, and no more', async () => {
    const { guarded, read } = await guard()
    read(head + 'x'.repeat(8_000))
    read('x'.repeat(192))
    expect(guarded.stage).toBe('answering')
    read('x')
    expect(guarded.stage).toBe('over')
  })
})

test('the stages of a connection', async () => {
  const { guarded, clock, read } = await guard()
  expect(guarded.stage).toBe('fresh')
  clock.now = 50
  expect(guarded.stage).toBe('receiving')
  read(head)
  expect(guarded.stage).toBe('answering')
  guarded.write('the answer')
  expect(guarded.stage).toBe('unread')
  guarded.release('refused')
  expect(guarded.stage).toBe('refused')
  read(head)
  guarded.release('served')
  expect([guarded.stage, guarded.since]).toEqual(['served', 50])
  read('G')
  expect(guarded.stage).toBe('receiving')
  guarded.destroySoon()
  expect(guarded.stage).toBe('over')
})

test('who goes on sending after the last answer is not read any more', async () => {
  const { socket, guarded, read } = await guard()
  guarded.end()
  read('x'.repeat(8_192))
  expect(socket.isPaused()).toBe(false)
  read('x')
  expect(socket.isPaused()).toBe(true)
})

test('a reader that is slow slows the peer', async () => {
  const { socket, guarded, read } = await guard()
  guarded.pause()
  for (let count = 0; count < 3; count += 1) read('x'.repeat(65_536))
  expect(socket.isPaused()).toBe(true)
  guarded.resume()
  await new Promise<void>((resolve) => void socket.once('resume', resolve))
})

describe('a body', () => {
  test('goes on as far as it is let through, wherever the bytes are cut, and what follows waits', async () => {
    const body = 'x'.repeat(40)
    const whole = head + body + head
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 40 }), fc.boolean(), async (sizes, early) => {
        const { guarded, read, seen } = await guard(body.length)
        // Whoever answers says so as soon as the head is there, or when the turn of the request has come.
        let at = 0
        let isLet = false
        for (const size of [...sizes, whole.length]) {
          read(whole.slice(at, at + size))
          at += size
          if (isLet || seen() !== head || (!early && at < whole.length)) continue
          guarded.letThrough(body.length)
          isLet = true
        }
        expect(seen()).toBe(head + body)
        guarded.release('served')
        expect(seen()).toBe(whole)
      }),
    )
  })

  test('that is let through while its head is shown follows at once', async () => {
    const { guarded, read, seen } = await guard(5)
    guarded.once('data', () => guarded.letThrough(5))
    read(`${head}12345${head}`)
    expect(seen()).toBe(`${head}12345`)
  })

  test('that is still to come makes the connection one that is missed least', async () => {
    const { guarded, read } = await guard(5)
    read(head)
    guarded.letThrough(5)
    read('123')
    expect(guarded.stage).toBe('receiving')
    read('45')
    expect(guarded.stage).toBe('answering')
  })

  test('of the greatest size may come before it is let through, and no more', async () => {
    const { guarded, read, seen, socket } = await guard(20_000)
    read(head)
    read('x'.repeat(20_000 + 8_192))
    guarded.letThrough(20_000)
    expect(seen()).toHaveLength(head.length + 20_000)
    expect(socket.destroyed || guarded.writableEnded).toBe(false)
    const { guarded: other, read: readOther } = await guard(20_000)
    readOther(head)
    readOther('x'.repeat(20_000 + 8_193))
    expect(other.writableEnded).toBe(true)
  })

  test('whose peer hangs up before its turn ends without it', async () => {
    const { guarded, read, socket } = await guard(5)
    guarded.queued = true
    read(head)
    socket.emit('end')
    const ended = new Promise((resolve) => guarded.once('end', resolve))
    guarded.queued = false
    guarded.letThrough(5)
    await ended
  })
})
