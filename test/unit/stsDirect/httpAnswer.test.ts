import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { type HttpAnswer, readHttp } from '../../../src/stsDirect/httpAnswer.ts'

const question = { operation: 'AssumeRoleWithWebIdentity', endpoint: 'https://sts.example.com' } as const
const lines = (...all: readonly string[]): string => all.join('\r\n')

/** What is read of the pieces, and then of the end. */
function read(pieces: readonly (string | Uint8Array)[]): HttpAnswer | undefined {
  const reader = readHttp(question)
  for (const piece of pieces) {
    const answer = reader.take(Buffer.from(piece as Uint8Array))
    if (answer !== undefined) return answer
  }
  return reader.end()
}

function failure(pieces: readonly (string | Uint8Array)[]): string {
  try {
    return `read: ${JSON.stringify(read(pieces))}`
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message
    throw thrown
  }
}

const sized = lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'X-A: 1', 'x-a:  2 ', '', 'hello')
const chunked = lines(
  'HTTP/1.1 200 OK',
  'Transfer-Encoding: chunked',
  '',
  '3',
  'hel',
  '2;name=value',
  'lo',
  '0',
  'Trailer: 1',
  '',
  '',
)
const endless = lines('HTTP/1.0 403', '', 'hello')
const interim = lines('HTTP/1.1 100 Continue', '', 'HTTP/1.1 103 Early Hints', 'Link: x', '', sized)

describe('readHttp', () => {
  it.each([
    ['of a length', sized, 200],
    ['in chunks', chunked, 200],
    ['up to the end of the connection', endless, 403],
    ['behind interim answers', interim, 200],
  ])('reads a body %s, however it is cut', (_, text, status) => {
    expect(read([text])).toMatchObject({ status, body: 'hello' })
    expect(read([...text])).toMatchObject({ status, body: 'hello' })
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), text.length]
        const pieces = ends.slice(1).map((end, index) => text.slice(ends[index], end))
        expect(read(pieces)).toMatchObject({ status, body: 'hello' })
      }),
    )
  })

  it('joins the values of a repeated field, under its name in lower case', () => {
    expect(read([sized])?.headers.get('x-a')).toBe('1, 2')
  })

  it('reads UTF-8 that is cut in two', () => {
    const bytes = Buffer.from(lines('HTTP/1.1 200 OK', 'Content-Length: 2', '', 'ä'))
    expect(read([bytes.subarray(0, -1), bytes.subarray(-1)])?.body).toBe('ä')
  })

  it.each([204, 304])('waits for no body of an answer %i', (status) => {
    expect(read([lines(`HTTP/1.1 ${status} x`, '', '')])).toMatchObject({ status, body: '' })
  })

  it.each([
    ['the head', sized.slice(0, 30)],
    ['a body of a length', sized.slice(0, -1)],
    ['a body in chunks', chunked.slice(0, -2)],
  ])('has no answer where %s breaks off', (_, text) => {
    expect(read([text])).toBeUndefined()
  })

  it.each([
    ['another protocol', lines('SSH-2.0-OpenSSH', '', '')],
    ['another version', lines('HTTP/2 200', '', '')],
    ['no status', lines('HTTP/1.1 OK', '', '')],
    ['a status out of range', lines('HTTP/1.1 999 x', '', '')],
    ['a line feed alone', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
    ['a folded line', lines('HTTP/1.1 200 OK', 'A: 1', ' 2', '', '')],
    ['a field without a colon', lines('HTTP/1.1 200 OK', 'A', '', '')],
    ['a field without a name', lines('HTTP/1.1 200 OK', ': 1', '', '')],
    ['a space before the colon', lines('HTTP/1.1 200 OK', 'A : 1', '', '')],
    ['a control character', lines('HTTP/1.1 200 OK', 'A: \u0000', '', '')],
    ['both lengths', lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '')],
    ['two lengths', lines('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6', '', 'hello')],
    ['a length below nothing', lines('HTTP/1.1 200 OK', 'Content-Length: -1', '', '')],
    ['a length with a sign', lines('HTTP/1.1 200 OK', 'Content-Length: +5', '', 'hello')],
    ['another transfer coding', lines('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked', '', '')],
    ['a coding of the content', lines('HTTP/1.1 200 OK', 'Content-Encoding: gzip', 'Content-Length: 5', '', 'hello')],
    ['a chunk without a size', lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', 'x', '')],
    ['a chunk with a negative size', lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '-1', '')],
    ['a chunk that is longer than said', lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '1', 'ab', '')],
    ['a head without end', `HTTP/1.1 200 OK\r\n${'A: 1\r\n'.repeat(4_000)}`],
    ['interim answers without end', lines('HTTP/1.1 100 x', '', '').repeat(2_000)],
    [
      'trailers without end',
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '0')}\r\n${'A: 1\r\n'.repeat(12_000)}`,
    ],
    [
      'a line of a chunk without end',
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '')}${'1'.repeat(70_000)}`,
    ],
  ])('refuses %s', (_, text) => {
    for (const pieces of [[text], text.match(/.{1,1000}/gs) ?? []])
      expect(failure(pieces)).toContain('https://sts.example.com answered with something else than HTTP')
  })

  it.each([
    ['of a length', `${lines('HTTP/1.1 200 OK', 'Content-Length: 99999', '', '')}${'a'.repeat(70_000)}`],
    [
      'in chunks',
      `${lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', '')}${'1000\r\n'}${'a'.repeat(4096)}\r\n`,
    ],
    ['without one', `${lines('HTTP/1.1 200 OK', '', '')}${'a'.repeat(70_000)}`],
  ])('refuses more than STS ever sends: %s', (kind, text) => {
    const more = kind === 'in chunks' ? Array.from({ length: 20 }, () => `1000\r\n${'a'.repeat(4096)}\r\n`) : []
    expect(failure([text, ...more])).toContain('longer than 65536 bytes')
  })
})
