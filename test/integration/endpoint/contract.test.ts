/**
 * What the clients' own sources expect of an endpoint, line by line as the facts about them are kept ("What AWS clients
 * expect of a local credential endpoint"): each test's name says which line, and what goes over the wire is compared whole.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answeringImds,
  createSessionTokens,
  type ReplyCode,
  type RunningServer,
  replies,
  startEndpoint,
} from '../../../src/endpoint/index.ts'
import { codes } from '../../../src/errors/index.ts'
import { failure, held, NOW, none, TOKEN } from '../../unit/endpoint/builders.ts'
import { answeringApp, bodyOf, type FakeSession, fakeSession, message, raw, statusOf } from './harness.ts'

const session = fakeSession(held())
const tokens = createSessionTokens(new Uint8Array(32))
const instance = { role: 'web', accountId: '111122223333', region: 'eu-west-1' }
const startImds = (of: FakeSession): Promise<RunningServer> =>
  startEndpoint({ port: 0, answering: answeringImds({ session: of, instance, tokens, now: () => NOW }) })

let container: RunningServer
let imds: RunningServer
beforeAll(async () => {
  container = await startEndpoint({ port: 0, answering: answeringApp(session) })
  imds = await startImds(session)
})
afterAll(async () => {
  await container.close()
  await imds.close()
})

const ask = (port: number, line: string, ...headers: readonly string[]): Promise<string> =>
  raw(port, message(`${line} HTTP/1.1`, 'Host: 127.0.0.1', ...headers, 'Connection: close'))

/** The head as it went over the wire, without what the sockets add to every answer. */
const headOf = (text: string): string =>
  text
    .slice(0, text.indexOf('\r\n\r\n'))
    .split('\r\n')
    .filter((line) => !/^(Date|Connection|Content-Length|Keep-Alive):/.test(line))
    .join('\n')

function expectError(answered: string, code: Exclude<ReplyCode, 'Success'>): void {
  expect(statusOf(answered)).toBe(replies[code].status)
  expect(headOf(answered).split('\n').slice(1, 3).join('\n')).toBe(json)
  const said = `${codes[code].cause} ${codes[code].fix}`
  expect(bodyOf(answered)).toBe(JSON.stringify({ code, message: said, Code: code, Message: said }))
}

const CREDENTIALS = 'GET /v1/credentials'
const authorized = `Authorization: ${TOKEN}`
const json = 'Content-Type: application/json\nCache-Control: no-store'
const text = 'Content-Type: text/plain\nCache-Control: no-store'

describe('Rules that satisfy every client', () => {
  test('2 and 3: the body, with all-string values and an Expiration without a fraction', async () => {
    const answered = await ask(container.port, CREDENTIALS, authorized)
    expect(headOf(answered)).toBe(`HTTP/1.1 200 OK\n${json}`)
    expect(bodyOf(answered)).toBe(
      '{"Code":"Success","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"secret","Token":"session",' +
        '"Expiration":"2026-03-04T06:06:07Z","AccountId":"111122223333","RoleArn":"arn:aws:iam::111122223333:role/app"}',
    )
  })

  const refusals: readonly [Exclude<ReplyCode, 'Success'>, string, readonly string[]][] = [
    ['EndpointTokenMissing', CREDENTIALS, []],
    ['EndpointTokenWrong', CREDENTIALS, ['Authorization: x']],
    ['OriginRefused', CREDENTIALS, [authorized, 'Origin: null']],
    ['ForwardedRefused', CREDENTIALS, [authorized, 'X-Forwarded-For: 10.0.0.1']],
    ['PathUnknown', 'GET /v2/credentials', [authorized]],
    ['MethodRefused', 'POST /v1/credentials', [authorized]],
    ['RequestMalformed', CREDENTIALS, [authorized, 'Expect: 100-continue']],
  ]
  test.each(refusals)('4: %s is JSON by name, with code, message, Code and Message', async (code, line, headers) => {
    const answered = await ask(container.port, line, ...headers)
    expectError(answered, code)
  })

  test('4: HostRefused too', async () => {
    expectError(
      await raw(container.port, message(`${CREDENTIALS} HTTP/1.1`, 'Host: evil.example', authorized)),
      'HostRefused',
    )
  })

  test.each(['127.0.0.1', '127.0.0.1:PORT'])('5: Host %s', async (host) => {
    const named = host.replace('PORT', String(container.port))
    const answered = await raw(
      container.port,
      message(`${CREDENTIALS} HTTP/1.1`, `Host: ${named}`, authorized, 'Connection: close'),
    )
    expect(statusOf(answered)).toBe(200)
  })

  test('6: the raw token and no Bearer; without it 401, always', async () => {
    expect(statusOf(await ask(container.port, CREDENTIALS, `Authorization: Bearer ${TOKEN}`))).toBe(401)
    expect(statusOf(await ask(container.port, CREDENTIALS))).toBe(401)
  })

  test('8: no 5xx while what is held has not ended', async () => {
    const last = fakeSession(held({ expires: NOW + 1_000 }))
    const server = await startEndpoint({ port: 0, answering: answeringApp(last) })
    expect(statusOf(await ask(server.port, CREDENTIALS, authorized))).toBe(200)
    await server.close()
  })

  test('8: what has ended is not served', async () => {
    const ended = fakeSession(held({ expires: NOW }))
    const server = await startEndpoint({ port: 0, answering: answeringApp(ended) })
    const answering = ask(server.port, CREDENTIALS, authorized)
    await ended.waited
    ended.become(none(failure))
    expect(statusOf(await answering)).toBe(503)
    await server.close()
  })
})

describe('IMDSv2', () => {
  const PUT = 'PUT /latest/api/token'
  const LIST = '/latest/meta-data/iam/security-credentials'
  const ttl = (value: string): string => `X-aws-ec2-metadata-token-ttl-seconds: ${value}`
  const token = `X-aws-ec2-metadata-token: ${tokens.mint(NOW + 60_000)}`
  const get = (path: string, ...headers: readonly string[]): Promise<string> =>
    ask(imds.port, `GET ${path}`, ...(headers.length === 0 ? [token] : headers))

  test('1: the PUT gives the bare token and echoes its lifetime', async () => {
    const answered = await ask(imds.port, PUT, ttl('21600'), 'Content-Length: 0')
    expect(headOf(answered)).toBe(`HTTP/1.1 200 OK\n${text}\nx-aws-ec2-metadata-token-ttl-seconds: 21600`)
    expect(bodyOf(answered)).toMatch(/^[\w-]{51}$/)
    expect(tokens.verify(bodyOf(answered), NOW)).toBe(true)
  })

  test.each([[[]], [[ttl('0')]], [[ttl('21601')]]])(
    '1: a lifetime that is missing or out of range is 400: %s',
    async (headers) => {
      expect(statusOf(await ask(imds.port, PUT, ...headers))).toBe(400)
    },
  )

  test('1: the PUT is refused with X-Forwarded-For', async () => {
    expect(statusOf(await ask(imds.port, PUT, ttl('60'), 'X-Forwarded-For: 10.0.0.1'))).toBe(403)
  })

  test('2: the PUT is answered while there are no credentials', async () => {
    const warming = await startImds(fakeSession(none()))
    expect(statusOf(await ask(warming.port, PUT, ttl('60')))).toBe(200)
    await warming.close()
  })

  test.each([
    ['missing', 'Accept: */*'],
    ['unknown', 'X-aws-ec2-metadata-token: AQAEANNa'],
    ['expired', `X-aws-ec2-metadata-token: ${tokens.mint(NOW)}`],
  ])('3: a GET whose token is %s is 401, version 1 is not served', async (_name, header) => {
    for (const path of [LIST, `${LIST}/web`, '/nothing']) expect(statusOf(await get(path, header))).toBe(401)
  })

  test('3: 404 for what there is not; with and without a slash, and no redirect', async () => {
    expect(statusOf(await get('/latest/meta-data/instance-id'))).toBe(404)
    for (const path of [LIST, `${LIST}/web`, '/latest/meta-data/placement/region'])
      for (const slash of ['', '/']) expect(statusOf(await get(path + slash))).toBe(200)
  })

  test('4: the list is one name without a line end', async () => {
    const answered = await get(`${LIST}/`)
    expect(headOf(answered)).toBe(`HTTP/1.1 200 OK\n${text}`)
    expect(bodyOf(answered)).toBe('web')
  })

  test('4: the document of the role', async () => {
    const answered = await get(`${LIST}/web`)
    expect(headOf(answered)).toBe(`HTTP/1.1 200 OK\n${json}`)
    expect(bodyOf(answered)).toBe(
      '{"Code":"Success","LastUpdated":"2026-03-04T05:06:07Z","Type":"AWS-HMAC","AccessKeyId":"ASIAEXAMPLE",' +
        '"SecretAccessKey":"secret","Token":"session","Expiration":"2026-03-04T06:06:07Z","AccountId":"111122223333",' +
        '"RoleArn":"arn:aws:iam::111122223333:role/app"}',
    )
  })

  const refusals: readonly [Exclude<ReplyCode, 'Success'>, string, readonly string[]][] = [
    ['ImdsTtlInvalid', PUT, [ttl('0')]],
    ['ImdsTokenMissing', `GET ${LIST}`, []],
    ['ImdsTokenWrong', `GET ${LIST}`, ['X-aws-ec2-metadata-token: AQAEANNa']],
    ['PathUnknown', 'GET /latest/meta-data/instance-id', [token]],
    ['MethodRefused', `PUT ${LIST}`, [token]],
    ['ForwardedRefused', PUT, [ttl('60'), 'X-Forwarded-For: 10.0.0.1']],
    ['OriginRefused', PUT, [ttl('60'), 'Origin: http://evil.example']],
  ]
  test.each(refusals)('1 and 3: %s as all errors are', async (code, line, headers) => {
    expectError(await ask(imds.port, line, ...headers), code)
  })

  test('5: security-credentials-extended is exactly 404', async () => {
    for (const path of ['/latest/meta-data/iam/security-credentials-extended/', `${LIST}-extended/web`])
      expect(statusOf(await get(path))).toBe(404)
  })

  test('6: region, zone and identity document', async () => {
    expect(bodyOf(await get('/latest/meta-data/placement/region'))).toBe('eu-west-1')
    const zone = bodyOf(await get('/latest/meta-data/placement/availability-zone/'))
    expect(zone.slice(0, -1)).toBe('eu-west-1')
    expect(JSON.parse(bodyOf(await get('/latest/dynamic/instance-identity/document')))).toMatchObject({
      region: 'eu-west-1',
    })
  })
})
