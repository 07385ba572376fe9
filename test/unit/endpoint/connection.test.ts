import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { connected, HEAD, patience } from './stuck.ts'

describe('one request at a time', () => {
  test('the second one waits until the first is answered', () => {
    const { requests, read, answer } = connected()
    read(HEAD + HEAD)
    expect(requests).toHaveLength(1)
    answer()
    expect(requests).toHaveLength(2)
  })

  test('wherever the bytes are cut, what is understood is the same', () => {
    const text = fc.array(fc.constantFrom(HEAD, '\r\n', HEAD.replace('/', '/x')), { maxLength: 6 })
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 40 }), (parts, sizes) => {
        const whole = `${HEAD}${parts.join('')}`
        const { requests, read, answer, malformed } = connected()
        let at = 0
        for (const size of [...sizes, whole.length]) {
          read(whole.slice(at, at + size))
          at += size
        }
        for (const _ of parts) answer()
        expect(requests.map(({ target }) => target)).toEqual([...whole.matchAll(/GET (\S+)/g)].map(([, path]) => path))
        expect(malformed()).toBe(0)
      }),
    )
  })

  test('blank lines are not taken for one', () => {
    const { read, requests, connection } = connected()
    read('\r\n\r\n')
    read(`\r\n\r\n\r\n${HEAD}`)
    expect(requests).toHaveLength(1)
    expect(connection.stage).toBe('answering')
  })

  test('what a peer sent before its time is dropped when it has hung up', () => {
    const { socket, connection, read, answer, requests } = connected()
    read(HEAD + HEAD)
    connection.queued = true
    socket.emit('end')
    connection.queued = false
    answer()
    expect(requests).toHaveLength(1)
    expect(socket.written).toEqual(['the answer'])
    expect(connection.stage).toBe('over')
  })

  test('who hangs up while we are at work has gone', () => {
    const { socket, connection, read, answer } = connected()
    const gone = vi.fn()
    read(HEAD)
    connection.onEnd(gone)
    socket.emit('end')
    expect(gone).toHaveBeenCalledOnce()
    answer()
    expect(socket.written).toEqual([])
  })

  test('who hangs up within a head is told that it is none; who asked for nothing is not', () => {
    const cut = connected()
    cut.read('GET /')
    cut.socket.emit('end')
    expect(cut.malformed()).toBe(1)
    const silent = connected()
    silent.socket.emit('end')
    expect([silent.malformed(), silent.connection.stage]).toEqual([0, 'over'])
  })

  test('8 kB may come before their time, and no more', () => {
    const { connection, read } = connected()
    read(HEAD + 'x'.repeat(8_000))
    read('x'.repeat(192))
    expect(connection.stage).toBe('answering')
    read('x')
    expect(connection.stage).toBe('over')
  })

  test('and of those who do not take their answer nothing is looked at', () => {
    const { socket, connection, read, answer, requests } = connected()
    socket.takes = false
    read(HEAD + HEAD)
    answer()
    expect([requests.length, connection.stage]).toEqual([1, 'unread'])
  })
})

describe('what is no request', () => {
  test.each([
    ['nothing of sense', 'GARBAGE\r\n\r\n'],
    ['the first byte of something else', '\x16'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost'],
    ['a head of more than 8 kB', `GET / HTTP/1.1\r\nX: ${'x'.repeat(8_192)}`],
  ])('%s is told at once', (_name, text) => {
    const { read, malformed, requests } = connected()
    read(text)
    expect([malformed(), requests.length]).toEqual([1, 0])
  })

  test('a head of 8 kB is one', () => {
    const { read, malformed, requests } = connected()
    const start = 'GET / HTTP/1.1\r\nX: '
    read(`${start}${'x'.repeat(8_192 - start.length)}\r\n\r\n`)
    expect([malformed(), requests.length]).toEqual([0, 1])
  })
})

test('the stages of a connection', () => {
  const { connection, clock, read, answer, socket } = connected()
  expect(connection.stage).toBe('fresh')
  clock.now = 50
  expect(connection.stage).toBe('receiving')
  read(HEAD)
  expect(connection.stage).toBe('answering')
  connection.answer('no', 'refused', false)
  expect(connection.stage).toBe('refused')
  read(HEAD)
  answer()
  expect([connection.stage, connection.since]).toEqual(['served', 50])
  read('G')
  expect(connection.stage).toBe('receiving')
  read(HEAD.slice(1))
  connection.queued = true
  expect(connection.stage).toBe('queued')
  connection.queued = false
  socket.takes = false
  answer()
  expect(connection.stage).toBe('unread')
  connection.end('')
  expect(connection.stage).toBe('over')
})

test('who goes on sending after the last answer is not read any more', () => {
  const { socket, read, answer } = connected()
  read(HEAD)
  answer(true)
  read('x'.repeat(8_192))
  expect(socket.isPaused()).toBe(false)
  read('x')
  expect(socket.isPaused()).toBe(true)
})

describe('patience', () => {
  const started = (): ReturnType<typeof connected> => {
    const one = connected()
    one.read(HEAD)
    one.answer()
    return one
  }

  test('who sends nothing, or a request without an end, is told that it is none', () => {
    const silent = connected()
    silent.connection.checkTime(patience.receive - 1)
    expect(silent.malformed()).toBe(0)
    silent.connection.checkTime(patience.receive)
    expect(silent.malformed()).toBe(1)

    const slow = started()
    slow.clock.now = 60_000
    slow.read('G')
    slow.clock.now += patience.receive - 1
    slow.read('E')
    slow.connection.checkTime(slow.clock.now)
    expect(slow.malformed()).toBe(0)
    slow.connection.checkTime(slow.clock.now + 1)
    expect(slow.malformed()).toBe(1)
  })

  test('who is served may rest', () => {
    const { connection, socket } = started()
    connection.checkTime(patience.keepAlive - 1)
    expect(socket.destroyed).toBe(false)
    connection.checkTime(patience.keepAlive)
    expect(socket.destroyed).toBe(true)
  })

  test('who does not take the answer, or gets none, is cut; who waits for a turn is not', () => {
    const waiting = connected()
    waiting.read(HEAD)
    waiting.connection.queued = true
    waiting.connection.checkTime(patience.stalled)
    expect(waiting.socket.destroyed).toBe(false)
    waiting.connection.queued = false
    waiting.connection.checkTime(patience.stalled - 1)
    expect(waiting.socket.destroyed).toBe(false)
    waiting.connection.checkTime(patience.stalled)
    expect([waiting.socket.destroyed, waiting.malformed()]).toEqual([true, 0])
  })

  test('a body without an end is cut', async () => {
    const { connection, read, socket, malformed } = connected({ mostBody: 5 })
    read(HEAD)
    const body = connection.readBody(5)
    connection.checkTime(patience.receive)
    expect([socket.destroyed, malformed()]).toEqual([true, 0])
    expect(await body).toBeUndefined()
  })
})

describe('a body', () => {
  test('is read as far as it is wanted, wherever the bytes are cut, and what follows waits', async () => {
    const text = 'x'.repeat(40)
    const whole = HEAD + text + HEAD
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 40 }), fc.boolean(), async (sizes, early) => {
        const { connection, read, requests, answer } = connected({ mostBody: text.length })
        let at = 0
        let body: Promise<Buffer | undefined> | undefined
        for (const size of [...sizes, whole.length]) {
          read(whole.slice(at, at + size))
          at += size
          if (body === undefined && requests.length === 1 && (early || at >= whole.length))
            body = connection.readBody(text.length)
        }
        expect((await body)?.toString()).toBe(text)
        expect(requests).toHaveLength(1)
        answer()
        expect(requests).toHaveLength(2)
      }),
    )
  })

  test('that is still to come makes the connection one that is missed least', () => {
    const { connection, read } = connected({ mostBody: 5 })
    read(HEAD)
    void connection.readBody(5)
    read('123')
    expect(connection.stage).toBe('receiving')
    read('45')
    expect(connection.stage).toBe('answering')
  })

  test('of the greatest size may come before it is wanted, and no more', async () => {
    const { connection, read } = connected({ mostBody: 20_000 })
    read(HEAD)
    read('x'.repeat(20_000 + 8_192))
    expect(await connection.readBody(20_000)).toHaveLength(20_000)
    expect(connection.stage).toBe('answering')
    const other = connected({ mostBody: 20_000 })
    other.read(HEAD)
    other.read('x'.repeat(20_000 + 8_193))
    expect(other.connection.stage).toBe('over')
  })

  test('whose peer hangs up before its turn, or within it, ends without it', async () => {
    const waiting = connected({ mostBody: 5 })
    waiting.read(HEAD)
    waiting.connection.queued = true
    waiting.socket.emit('end')
    waiting.connection.queued = false
    expect(await waiting.connection.readBody(5)).toBeUndefined()
    const cut = connected({ mostBody: 5 })
    cut.read(HEAD)
    const body = cut.connection.readBody(5)
    cut.read('123')
    cut.socket.emit('end')
    expect(await body).toBeUndefined()
  })
})

test('the texts that are not ASCII go out as UTF-8', () => {
  const { socket, read, connection } = connected()
  read(HEAD)
  connection.answer('größer', 'served', false)
  expect(socket.written).toEqual([Buffer.from('größer').toString('latin1')])
})
