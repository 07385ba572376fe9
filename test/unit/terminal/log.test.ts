import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { createLog, type Log, type LogLevel } from '../../../src/terminal/log.ts'

const canary = 'CANARY-7f3a'
const instant = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

type Opened = { log: Log; lines: () => Record<string, unknown>[]; text: () => string }

function open(level: LogLevel = 'info'): Opened {
  const written: string[] = []
  const log = createLog({ level, now: () => instant, write: (line) => written.push(line) })
  return { log, lines: () => written.map((line) => JSON.parse(line)), text: () => written.join('') }
}

describe('the log', () => {
  test('writes one line of JSON with level, time, fields and message, and nothing else', () => {
    const { log, lines, text } = open()
    log.info('admission review answered', { uid: 'u-1', seconds: 0.25, reasons: ['A', 'B'], nothing: undefined })
    const [line] = lines()
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      uid: 'u-1',
      seconds: 0.25,
      reasons: ['A', 'B'],
      msg: 'admission review answered',
    })
    expect(text().match(/\n/g)).toHaveLength(1)
  })

  test('levels below the one that is set are silent', () => {
    const { log, lines } = open('warn')
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines().map(({ msg }) => msg)).toEqual(['c', 'd'])
  })

  test('debug is written when asked for', () => {
    const { log, lines } = open('debug')
    log.debug('detail')
    expect(lines()[0]).toMatchObject({ level: 'debug', msg: 'detail' })
  })

  test.each([
    'token',
    'sessionToken',
    'SECRET',
    'secretAccessKey',
    'api_key',
    'authorization',
    'clientAssertion',
    'password',
    'env',
  ])('the value of %s is refused at any depth', (key) => {
    const { log, lines, text } = open()
    log.info('x', { [key]: canary, inner: { list: [{ [key]: { value: canary } }] } })
    expect(text()).not.toContain(canary)
    expect(lines()[0]).toMatchObject({ [key]: '[redacted]', inner: { list: [{ [key]: '[redacted]' }] } })
  })

  test('of a Failure the code and the message are written', () => {
    const { log, lines } = open()
    log.error('x', { err: new Failure({ code: 'PortInUse', field: 'webhook.port', message: 'port 1 is taken' }) })
    expect(lines()[0]?.['err']).toEqual({
      code: 'PortInUse',
      message: expect.stringContaining('webhook.port: port 1 is taken.'),
    })
  })

  test.each(['err', 'error', 'cause'])('of a foreign error at %s neither message nor stack', (key) => {
    const { log, lines, text } = open()
    log.error('x', { [key]: new TypeError(canary) })
    expect(text()).not.toContain(canary)
    expect(text()).not.toContain(' at Object')
    expect(lines()[0]?.[key]).toEqual({ code: 'Internal', message: expect.stringContaining('unexpected TypeError') })
  })

  test('texts, lists, keys, nesting and the number of fields are bounded', () => {
    const { log, lines, text } = open()
    const deep: Record<string, unknown> = {}
    deep['self'] = deep
    log.info('e'.repeat(10_000), {
      long: 'x'.repeat(1_000_000),
      ['k'.repeat(10_000)]: 1,
      list: Array.from({ length: 10_000 }, () => 1),
      deep,
      wide: Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`f${at}`, at])),
    })
    expect(text().length).toBeLessThan(6_000)
    expect(String(lines()[0]?.['long'])).toMatch(/^x+…$/)
    expect(text()).toContain('[deeper]')
  })

  test('control characters, bidirectional overrides and lone surrogates cannot forge a line', () => {
    const { log, lines, text } = open()
    log.info('a\nb', { name: 'x\u001b[2J\r\n{"level":"error"}\u202e\u2028\ud800' })
    for (const forging of '\n\r\u001b\u202e\u2028') expect(text().trimEnd()).not.toContain(forging)
    expect(lines()[0]).toMatchObject({ name: 'x [2J  {"level":"error"}  \ufffd', msg: 'a b' })
  })

  test('what is not plain data is named by its type', () => {
    const { log, lines } = open()
    log.info('x', { a: new Map(), b: 1n, c: () => 1, d: Symbol('s'), e: null, f: Object.create(null), g: new Date(0) })
    expect(lines()[0]).toMatchObject({
      a: '[object]',
      b: '[bigint]',
      c: '[function]',
      d: '[symbol]',
      e: null,
      f: {},
      g: '[object]',
    })
  })

  test('a field cannot take the place of level, time or message', () => {
    const { log, text, lines } = open()
    log.info('real', { level: 'error', time: 0, msg: 'forged', inner: { level: 'kept' } })
    expect(lines()[0]).toMatchObject({ level: 'info', msg: 'real', level_: 'error', msg_: 'forged', time_: 0 })
    expect(text().match(/"level":"info"/g)).toHaveLength(1)
    expect(lines()[0]).toMatchObject({ inner: { level: 'kept' } })
  })
})

test('a line is exactly this', () => {
  const { log, text } = open()
  log.info('credentials refreshed', { session: 'default', seconds: 1.5 })
  expect(text()).toBe(
    '{"level":"info","time":"2026-01-02T03:04:05.678Z","session":"default","seconds":1.5,"msg":"credentials refreshed"}\n',
  )
})
