import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkFraming } from '../../../src/endpoint/protocol/guard.ts'
import { hasBody, isLast, mayBecomeHead, readHead } from '../../../src/endpoint/protocol/requestHead.ts'
import type { EndpointRequest } from '../../../src/endpoint/protocol/types.ts'

const of = (...lines: readonly string[]): string => lines.join('\r\n')

test('a request as clients send it', () => {
  expect(
    readHead(of('GET /v1/credentials HTTP/1.1', 'Host: 127.0.0.1:9797', 'authorization:  x\t', 'A: é', 'A:', 'B: a b')),
  ).toEqual({
    method: 'GET',
    target: '/v1/credentials',
    version: '1.1',
    headers: new Map([
      ['host', ['127.0.0.1:9797']],
      ['authorization', ['x']],
      ['a', ['é', '']],
      ['b', ['a b']],
    ]),
  })
})

test.each([
  ['no version', 'GET /'],
  ['another version', 'GET / HTTP/2.0'],
  ['a version of another form', 'GET / HTTP/1.1 '],
  ['a method of lower-case letters', 'get / HTTP/1.1'],
  ['a method of 21 letters', `${'A'.repeat(21)} / HTTP/1.1`],
  ['CONNECT', 'CONNECT 127.0.0.1:9797 HTTP/1.1'],
  ['two spaces', 'GET  / HTTP/1.1'],
  ['a space in the target', 'GET /a b HTTP/1.1'],
  ['a tab in the target', 'GET /\t HTTP/1.1'],
  ['a target beyond ASCII', 'GET /é HTTP/1.1'],
  ['a space before the method', ' GET / HTTP/1.1'],
  ['a folded line', of('GET / HTTP/1.1', 'A: b', ' c: d')],
  ['a space before the colon', of('GET / HTTP/1.1', 'A : b')],
  ['no name', of('GET / HTTP/1.1', ': b')],
  ['no colon', of('GET / HTTP/1.1', 'A')],
  ['an empty line', of('GET / HTTP/1.1', '', 'A: b')],
  ['a NUL', of('GET / HTTP/1.1', 'A: b\0c')],
  ['a bare line feed', of('GET / HTTP/1.1', 'A: b\nC: d')],
  ['a bare carriage return', of('GET / HTTP/1.1', 'A: b\rC: d')],
  ['a name beyond ASCII', of('GET / HTTP/1.1', 'é: b')],
  ['101 fields', of('GET / HTTP/1.1', ...Array<string>(101).fill('A: b'))],
])('%s is none', (_name, text) => {
  expect(readHead(text)).toBeUndefined()
})

test('a header that came twice has two values, whatever its case', () => {
  expect([...(readHead(of('GET / HTTP/1.1', 'Host: a', 'hOsT: b'))?.headers ?? [])]).toEqual([['host', ['a', 'b']]])
})

test('100 fields are not too many', () => {
  expect(readHead(of('GET / HTTP/1.1', ...Array<string>(100).fill('A: b')))?.headers.get('a')).toHaveLength(100)
})

test.each([' ', '\t', 'a ', 'a\t', 'a: '])('a field of 8 kB of %j that is none takes no time to see', (part) => {
  const text = of('GET / HTTP/1.1', `A: ${part.repeat(8_192 / part.length)}\0`)
  // What goes back and forth in it would take minutes.
  for (let count = 0; count < 1_000; count += 1) expect(readHead(text)).toBeUndefined()
})

test('only spaces and tabs are left out around a value', () => {
  expect(readHead(of('GET / HTTP/1.1', 'A: \t \xa0x\xa0 \t'))?.headers.get('a')).toEqual(['\xa0x\xa0'])
})

describe('the first bytes of a head', () => {
  test('may become one', () => {
    fc.assert(
      fc.property(fc.nat(60), (length) => {
        expect(mayBecomeHead(of('GET / HTTP/1.1', 'A: b\té', 'Host: x').slice(0, length + 1))).toBe(true)
      }),
    )
  })

  test.each(['get', ' GET', '\x16\x03', 'GET / HTTP/1.1\nA', 'GET\0', 'GET / HTTP/1.1\r\nA: \x7f', '{"a"'])(
    '%j cannot',
    (text) => {
      expect(mayBecomeHead(text)).toBe(false)
    },
  )
})

test('who wants no more says so, and HTTP/1.0 knows nothing else', () => {
  const last = (version: string, ...fields: readonly string[]) =>
    isLast(readHead(of(`GET / HTTP/${version}`, ...fields)) ?? { method: '', target: '', version, headers: new Map() })
  expect(last('1.0', 'Connection: keep-alive')).toBe(true)
  expect(['close', 'Close', 'TE, close', 'close,x'].map((value) => last('1.1', `Connection: ${value}`))).toEqual([
    true,
    true,
    true,
    true,
  ])
  expect(['keep-alive', 'closed', 'x-close'].map((value) => last('1.1', `Connection: ${value}`))).toEqual([
    false,
    false,
    false,
  ])
})

test('a body is announced by a length, or by a coding', () => {
  const announces = (...fields: readonly string[]): boolean =>
    hasBody(readHead(of('GET / HTTP/1.1', ...fields))?.headers ?? new Map())
  expect([announces(), announces('Content-Length: 0')]).toEqual([false, false])
  expect([announces('Content-Length: 1'), announces('Content-Length: x'), announces('Transfer-Encoding: x')]).toEqual([
    true,
    true,
    true,
  ])
})

describe('what we take, Node takes, and for the same', () => {
  let seen: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'> | undefined
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    seen = request
    response.setHeader('Connection', 'close')
    response.end()
  })
  server.on('clientError', (_error, socket) => socket.destroy())
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => server.close())

  async function asNodeSeesIt(head: string): Promise<typeof seen> {
    seen = undefined
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.resume().end(`${head}\r\n\r\n`, 'latin1')
    await once(socket, 'close')
    return seen
  }

  const odd = fc.constantFrom(
    ...[
      '\r',
      '\n',
      '\r\n',
      '\r\n ',
      ' ',
      '\t',
      ':',
      '\0',
      '\x7f',
      'é',
      'ÿ',
      ',',
      '/',
      ' HTTP/1.1',
      'Content-Length: 1',
    ],
  )
  const line = fc.array(fc.oneof(fc.constantFrom('a', 'Host', ': ', 'x', '-', '"', '%2e'), odd), { maxLength: 6 })
  const mostly = <T>(usual: T, others: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })
  const text = line.map((parts) => parts.join(''))
  const heads = fc
    .tuple(
      mostly('GET', fc.constantFrom('PUT', 'HEAD', 'get', 'CONNECT', 'PURGE')),
      mostly('/x?y', fc.oneof(fc.constantFrom('/', '*', 'http://a/'), text)),
      mostly('HTTP/1.1', fc.constantFrom('HTTP/1.0', 'HTTP/1.2', 'HTTP/1.1 ', 'http/1.1')),
      fc.array(
        fc.oneof(
          text,
          text.map((value) => `A: ${value}`),
          fc.constantFrom('Host: x', 'A:b', 'A: \t b \t', 'Connection: close'),
        ),
        { maxLength: 3 },
      ),
    )
    .map(([method, target, version, fields]) => of(`${method} ${target} ${version}`, ...fields))

  const withHost = (request: EndpointRequest): EndpointRequest => ({
    ...request,
    headers: new Map([['host', ['x']], ...request.headers]),
  })

  test('by 1,000 heads', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(heads, async (head) => {
        const ours = readHead(head)
        // What the guard refuses by its headers needs no agreement: nothing on that connection is read any more.
        if (ours === undefined || checkFraming(withHost(ours)) !== undefined) return
        taken += 1
        const theirs = await asNodeSeesIt(head)
        expect(theirs).toMatchObject({ method: ours.method, url: ours.target, httpVersion: ours.version })
        const grouped = new Map<string, string[]>()
        for (let at = 0; at < (theirs?.rawHeaders.length ?? 0); at += 2) {
          const name = theirs?.rawHeaders[at]?.toLowerCase() ?? ''
          grouped.set(name, [...(grouped.get(name) ?? []), theirs?.rawHeaders[at + 1] ?? ''])
        }
        expect(ours.headers).toEqual(grouped)
      }),
      { numRuns: 1_000 },
    )
    expect(taken).toBeGreaterThan(100)
  })
})
