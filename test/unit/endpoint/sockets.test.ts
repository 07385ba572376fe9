import { describe, expect, test } from 'vitest'
import { formatMessage, httpDates, isLoopback, messageFormat } from '../../../src/endpoint/sockets.ts'

test.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1'])('%s is loopback', (address) => {
  expect(isLoopback(address)).toBe(true)
})

test.each(['10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', '::', 'fe80::1', '', undefined])('%s is not', (address) => {
  expect(isLoopback(address)).toBe(false)
})

describe('an answer on the wire', () => {
  const message = { status: 200, headers: { 'Content-Type': 'text/plain', Connection: 'close' }, body: 'größer' }
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'

  test('has its length in bytes, its date, and says whether the connection is kept', () => {
    expect(formatMessage(message, { date, keepAlive: 75_000 })).toBe(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\nContent-Length: 8\r\n\r\ngrößer`,
    )
    expect(formatMessage(message, { date })).toContain('\r\nConnection: close\r\n')
  })

  test('has no body where HEAD asks', () => {
    expect(formatMessage(message, { date, headOnly: true })).toMatch(/Content-Length: 8\r\n\r\n$/)
  })

  test.each([
    ['X', 'a\r\nSet-Cookie: b'],
    ['X', 'a\nb'],
    ['X: a\r\nY', 'b'],
    ['X', 'é'],
  ])('whose header breaks its line is an error: %j', (name, value) => {
    expect(() => formatMessage({ ...message, headers: { [name]: value } }, { date })).toThrow('no header can')
  })

  test('is made once for the same', () => {
    const format = messageFormat()
    const other = { ...message }
    for (const one of [message, message, other, message])
      for (const wire of [{ date }, { date }, { date: 'x' }, { date, keepAlive: 1_000 }, { date, headOnly: true }])
        expect(format(one, wire)).toBe(formatMessage(one, wire))
  })

  test('has a date of whole seconds', () => {
    const clock = { now: 784_111_777_999 }
    const read = httpDates(() => clock.now)
    expect(read()).toBe(date)
    clock.now += 1
    expect(read()).toBe('Sun, 06 Nov 1994 08:49:38 GMT')
  })
})
