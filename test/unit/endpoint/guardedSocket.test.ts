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
async function guard() {
  const socket = new Stuck()
  const clock = { now: 0 }
  const guarded = new GuardedSocket(socket, () => clock.now)
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
