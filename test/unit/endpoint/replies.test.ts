import { describe, expect, test } from 'vitest'
import { type ReplyCode, replies } from '../../../src/endpoint/index.ts'
import { notReady, refuse, succeed } from '../../../src/endpoint/protocol/replies.ts'
import { codes } from '../../../src/errors/index.ts'
import { failure } from './builders.ts'

type Refusal = Exclude<ReplyCode, 'Success'>
const rows = Object.keys(replies) as ReplyCode[]
const refusals = rows.filter((code): code is Refusal => code !== 'Success')

const contract: Record<ReplyCode, [number, Record<string, string>]> = {
  Success: [200, {}],
  EndpointTokenMissing: [401, {}],
  EndpointTokenWrong: [401, {}],
  ImdsTtlInvalid: [400, {}],
  ImdsTokenMissing: [401, {}],
  ImdsTokenWrong: [401, {}],
  HostRefused: [403, { Connection: 'close' }],
  OriginRefused: [403, { Connection: 'close' }],
  ForwardedRefused: [403, { Connection: 'close' }],
  PathUnknown: [404, {}],
  MethodRefused: [405, {}],
  RequestMalformed: [400, { Connection: 'close' }],
  CredentialsNotReady: [503, { 'Retry-After': '1' }],
  Internal: [500, { Connection: 'close' }],
}

test.each(rows)('%s has its status and headers', (code) => {
  const reply = code === 'Success' ? succeed('{}') : refuse(code)
  const [status, headers] = contract[code]
  expect(reply).toMatchObject({ code, status })
  expect(reply.headers).toEqual({ 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers })
})

test.each(refusals)('rule 4: the body of %s has code and message in both cases', (code) => {
  const body = JSON.parse(refuse(code).body)
  const message = `${codes[code].cause} ${codes[code].fix}`
  expect(body).toEqual({ code, message, Code: code, Message: message })
})

test('the table has a row for every code of the endpoint', () => {
  const endpoint = Object.entries(codes).filter(([, entry]) => entry.area === 'endpoint')
  expect(rows).toEqual(expect.arrayContaining(endpoint.map(([code]) => code)))
})

describe('credentials not ready', () => {
  const messageOf = (note: Parameters<typeof notReady>[0]) => JSON.parse(notReady(note).body).message

  test('names the last failure', () => {
    expect(messageOf(failure)).toBe('There are no valid credentials at the moment. TokenExpired: it expired at noon')
  })
  test('does not say its code twice', () => {
    expect(messageOf({ ...failure, message: 'TokenExpired: at noon' })).toMatch(/moment\. TokenExpired: at noon$/)
  })
  test('says so when nothing failed yet', () => {
    expect(messageOf(undefined)).toMatch(/first attempt has not ended/)
  })
  test('stays under what aws-c-auth reads, whatever the message', () => {
    expect(notReady({ ...failure, message: 'x'.repeat(100_000) }).body.length).toBeLessThan(10_000)
  })
})
