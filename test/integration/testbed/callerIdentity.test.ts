import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { computeSignature } from '../../../src/testbed/sts/signature.ts'
import {
  type Answer,
  accountId,
  assume,
  call,
  createClock,
  startWorld,
  textOf,
  verdictOf,
  type World,
  webToken,
} from './support.ts'

const clock = createClock()
const body = 'Action=GetCallerIdentity&Version=2011-06-15'
const form = 'application/x-www-form-urlencoded'
let world: World
let keys: { id: string; secret: string; token: string }

beforeAll(async () => {
  world = await startWorld(clock)
  keys = await obtainKeys()
})
afterAll(() => world.stop())

async function obtainKeys(): Promise<typeof keys> {
  const answer = await assume(world, { WebIdentityToken: await webToken(world.issuer) })
  const read = (name: string): string => textOf(answer, name) ?? ''
  return { id: read('AccessKeyId'), secret: read('SecretAccessKey'), token: read('SessionToken') }
}

type Change = Partial<Record<'timestamp' | 'date' | 'service' | 'region', string>> & {
  token?: string | undefined
  unsigned?: string
  edit?: (authorization: string) => string
  sentBody?: string
  headers?: Record<string, string>
  keys?: typeof keys
}

const stamp = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Signs GetCallerIdentity with its Authorization header, changed as told, and sends it. */
function ask(change: Change = {}): Promise<Answer> {
  const { id, secret, token } = change.keys ?? keys
  const timestamp = change.timestamp ?? stamp(clock.now())
  const { date = timestamp.slice(0, 8), region = 'eu-west-1', service = 'sts' } = change
  const sessionToken = 'token' in change ? change.token : token
  const headers: Record<string, string> = {
    'content-type': form,
    host: new URL(world.sts.url).host,
    'x-amz-date': timestamp,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const signedHeaders = Object.keys(headers).filter((name) => name !== change.unsigned)
  const scope = { timestamp, date, region, service, signedHeaders }
  const request = { method: 'POST', path: '/', query: '', body, headers: new Map(Object.entries(headers)) }
  const signature = computeSignature(request, scope, secret)
  const credential = `${id}/${date}/${region}/${service}/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return call(world.sts.url, world.ca.pem, {
    method: 'POST',
    body: change.sentBody ?? body,
    headers: { ...headers, authorization: (change.edit ?? ((text) => text))(authorization), ...change.headers },
  })
}

async function refusal(change: Change): Promise<unknown[]> {
  return verdictOf(await ask(change))
}

/** The address of a presigned GetCallerIdentity. */
function presign(parameters: Record<string, string> = {}, secret = keys.secret): string {
  const timestamp = stamp(clock.now())
  const date = timestamp.slice(0, 8)
  const query = new URLSearchParams({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keys.id}/${date}/us-east-1/sts/aws4_request`,
    'X-Amz-Date': timestamp,
    'X-Amz-Expires': '60',
    'X-Amz-Security-Token': keys.token,
    'X-Amz-SignedHeaders': 'host',
    ...parameters,
  })
  const headers = new Map([['host', new URL(world.sts.url).host]])
  const scope = { timestamp, date, region: 'us-east-1', service: 'sts', signedHeaders: ['host'] }
  const request = { method: 'GET', path: '/', query: query.toString(), body: '', headers }
  query.set('X-Amz-Signature', computeSignature(request, scope, secret))
  return `${world.sts.url}/?${query}`
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const invalidToken = 'The security token included in the request is invalid.'

describe('GetCallerIdentity', () => {
  it('says who signed', async () => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(
      answer.text.replace(/AROA[A-Z2-7]{17}/, 'AROA').replace(/<RequestId>[0-9a-f-]{36}</, '<RequestId>ID<'),
    ).toBe(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::${accountId}:assumed-role/web/shop.web.web-0</Arn>
    <UserId>AROA:shop.web.web-0</UserId>
    <Account>${accountId}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>ID</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`)
    expect(world.sts.requests.at(-1)).toMatchObject({ action: 'GetCallerIdentity', role: world.sts.roleArn('web') })
  })

  it('cares for no region', async () => {
    expect((await ask({ region: 'mars-1' })).status).toBe(200)
  })

  it.each<[title: string, change: () => Change, code: string, message: string]>([
    [
      'another secret',
      () => ({ keys: { ...keys, secret: `${keys.secret.slice(0, -1)}_` } }),
      'SignatureDoesNotMatch',
      mismatch,
    ],
    ['another body than was signed', () => ({ sentBody: `${body}&x=1` }), 'SignatureDoesNotMatch', mismatch],
    [
      'another header than was signed',
      () => ({ headers: { 'content-type': `${form}; charset=utf-8` } }),
      'SignatureDoesNotMatch',
      mismatch,
    ],
    ['an unknown key', () => ({ keys: { ...keys, id: 'ASIAAAAAAAAAAAAAAAAA' } }), 'InvalidClientTokenId', invalidToken],
    ['no session token', () => ({ token: undefined }), 'InvalidClientTokenId', invalidToken],
    ['another session token', () => ({ token: `${keys.token}x` }), 'InvalidClientTokenId', invalidToken],
    [
      'another service',
      () => ({ service: 's3' }),
      'SignatureDoesNotMatch',
      'Credential should be scoped to correct service: &apos;sts&apos;. ',
    ],
    [
      'another day in the scope',
      () => ({ date: '20260114' }),
      'SignatureDoesNotMatch',
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: &apos;20260114&apos; != &apos;20260115&apos;, from &apos;20260115T120000Z&apos;.',
    ],
    [
      'an unsigned host',
      () => ({ unsigned: 'host' }),
      'SignatureDoesNotMatch',
      '&apos;Host&apos; or &apos;:authority&apos; must be a &apos;SignedHeader&apos; in the AWS Authorization.',
    ],
    [
      'an unsigned date',
      () => ({ unsigned: 'x-amz-date' }),
      'SignatureDoesNotMatch',
      '&apos;x-amz-date&apos; must be a &apos;SignedHeader&apos; in the AWS Authorization.',
    ],
    [
      'an old signature',
      () => ({ timestamp: '20260115T114459Z' }),
      'SignatureDoesNotMatch',
      'Signature expired: 20260115T114459Z is now earlier than 20260115T114500Z (20260115T120000Z - 15 min.)',
    ],
    [
      'an early signature',
      () => ({ timestamp: '20260115T121501Z' }),
      'SignatureDoesNotMatch',
      'Signature not yet current: 20260115T121501Z is still later than 20260115T121500Z (20260115T120000Z + 15 min.)',
    ],
    [
      'a date that is none',
      () => ({ timestamp: '20261399T000000Z' }),
      'SignatureDoesNotMatch',
      'Signature expired: 20261399T000000Z is now earlier than 20260115T114500Z (20260115T120000Z - 15 min.)',
    ],
  ])('refuses %s', async (_title, change, code, message) => {
    expect(await refusal(change())).toEqual([403, code, message])
  })

  it('bears a clock that is fifteen minutes off', async () => {
    expect((await ask({ timestamp: '20260115T114500Z' })).status).toBe(200)
    expect((await ask({ timestamp: '20260115T121500Z' })).status).toBe(200)
  })

  it.each<[title: string, edit: (text: string) => string, message: RegExp]>([
    ['another algorithm', (text) => text.replace('SHA256', 'SHA512'), /Unsupported AWS/],
    ['no credential', (text) => text.replace('Credential=', 'X='), /requires &apos;Credential&apos;/],
    ['no signature', (text) => text.replace('Signature=', 'X='), /requires &apos;Signature&apos;/],
    ['no signed headers', (text) => text.replace('SignedHeaders=', 'X='), /requires &apos;SignedHeaders&apos;/],
    ['a scope of more elements', (text) => text.replace('/aws4_request', '/aws4_request/x'), /exactly 5/],
    ['a scope of fewer elements', (text) => text.replace('/aws4_request', ''), /exactly 5/],
  ])('refuses %s', async (_title, edit, message) => {
    const [status, code, text] = await refusal({ edit })
    expect([status, code]).toEqual([400, 'IncompleteSignature'])
    expect(text).toMatch(message)
  })

  it('refuses a request without a date', async () => {
    expect((await refusal({ headers: { 'x-amz-date': 'today' } }))[1]).toBe('IncompleteSignature')
  })

  it('refuses an unsigned request', async () => {
    const answer = await call(`${world.sts.url}/?${body}`, world.ca.pem)
    expect([answer.status, textOf(answer, 'Code')]).toEqual([403, 'MissingAuthenticationToken'])
  })

  it('refuses credentials from the moment they expire', async () => {
    const own = await obtainKeys()
    clock.advance(3_600_000 - 1)
    expect((await ask({ keys: own })).status).toBe(200)
    clock.advance(1)
    const message = 'The security token included in the request is expired'
    expect(await refusal({ keys: own })).toEqual([403, 'ExpiredToken', message])
    keys = await obtainKeys()
  })
})

describe('a presigned GetCallerIdentity', () => {
  it('says who signed', async () => {
    const answer = await call(presign(), world.ca.pem)
    expect(textOf(answer, 'Arn')).toBe(`arn:aws:sts::${accountId}:assumed-role/web/shop.web.web-0`)
  })

  it('holds as long as it says', async () => {
    const url = presign()
    clock.advance(60_000)
    expect((await call(url, world.ca.pem)).status).toBe(200)
    clock.advance(1_000)
    const late = await call(url, world.ca.pem)
    expect(textOf(late, 'Code')).toBe('SignatureDoesNotMatch')
    expect(textOf(late, 'Message')).toContain('- 1 min.)')
  })

  it.each<[title: string, url: () => string, code: string]>([
    ['another secret', () => presign({}, 'x'), 'SignatureDoesNotMatch'],
    ['a parameter that was added', () => `${presign()}&x=1`, 'SignatureDoesNotMatch'],
    ['no end', () => presign({ 'X-Amz-Expires': '' }), 'IncompleteSignature'],
    ['an end that is no number', () => presign({ 'X-Amz-Expires': '1e9' }), 'IncompleteSignature'],
    ['another session token', () => presign({ 'X-Amz-Security-Token': 'x' }), 'InvalidClientTokenId'],
  ])('refuses %s', async (_title, url, code) => {
    expect(textOf(await call(url(), world.ca.pem), 'Code')).toBe(code)
  })
})
