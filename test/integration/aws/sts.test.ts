import type { ServerResponse } from 'node:http'
import { createServer as createPlainServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { freePort } from '../../support/processes.ts'
import {
  authority,
  call,
  connectBy,
  errorXml,
  failureOf,
  implementations,
  type Raw,
  request,
  startRaw,
  successXml,
} from './support.ts'

const running: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
})

async function serve(...parameters: Parameters<typeof startRaw>): Promise<Raw> {
  const raw = await startRaw(...parameters)
  running.push(raw)
  return raw
}

const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
const answering = (status: number, body: string, headers: Record<string, string> = {}) =>
  serve((response: ServerResponse) => response.writeHead(status, { date, ...headers }).end(body))

describe.each(implementations)('by %s', (_, open) => {
  const connect = connectBy(open)

  describe('a call that succeeds', () => {
    it('gives the raw fields and both clocks', async () => {
      const { url } = await answering(200, successXml())
      expect(await call(connect(url, { now: () => 42 }))).toEqual({
        accessKeyId: 'ASIAEXAMPLE',
        secretAccessKey: 's3cr3t',
        sessionToken: 'a/session+token==',
        expires: Date.UTC(2026, 0, 1, 1),
        assumedRoleArn: 'arn:aws:sts::123456789012:assumed-role/shop-web/shop.web.web-1',
        date: Date.UTC(2026, 0, 1),
        localTime: 42,
      })
    })

    it('sends one unsigned form, and says who it is', async () => {
      const { url, seen } = await answering(200, successXml())
      const sts = connect(`${url}/prefix/`, { version: '1.2.3' })
      const policyArns = ['arn:aws:iam::aws:policy/A', 'arn:aws:iam::aws:policy/B']
      await sts.assumeRoleWithWebIdentity({ ...request, policy: '{"a": 1}', policyArns }, new AbortController().signal)
      const [only] = seen
      expect(seen).toHaveLength(1)
      expect(only?.method).toBe('POST')
      expect(only?.url).toBe('/prefix/')
      expect(only?.headers).not.toHaveProperty('authorization')
      expect(only?.headers['user-agent']).toContain('lanyard/1.2.3')
      expect(only?.headers.connection).toBe('close')
      // Ceph reads %20 and not the plus.
      expect(only?.body).toContain('Policy=%7B%22a%22%3A%201%7D')
      expect(Object.fromEntries(new URLSearchParams(only?.body))).toEqual({
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: request.roleArn,
        RoleSessionName: request.roleSessionName,
        WebIdentityToken: request.token,
        DurationSeconds: '3600',
        Policy: '{"a": 1}',
        'PolicyArns.member.1.arn': policyArns[0],
        'PolicyArns.member.2.arn': policyArns[1],
      })
    })

    it.each([
      ['2026-01-01T01:00:00.123456789Z', Date.UTC(2026, 0, 1, 1, 0, 0, 123)],
      ['2026-01-01T02:00:00.5+01:00', Date.UTC(2026, 0, 1, 1, 0, 0, 500)],
    ])('reads the expiry %s', async (expiration, expires) => {
      const { url } = await answering(200, successXml({ expiration }))
      expect((await call(connect(url))).expires).toBe(expires)
    })

    it.each(['', 'yesterday'])('does without a Date that can be read (%j)', async (bad) => {
      const { url } = await answering(200, successXml(), { date: bad })
      expect((await call(connect(url))).date).toBeUndefined()
    })

    it('reads a document with a declaration before it', async () => {
      const { url } = await answering(200, `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n${successXml()}`)
      expect((await call(connect(url))).accessKeyId).toBe('ASIAEXAMPLE')
    })

    it('leaves no connection open', async () => {
      const raw = await answering(200, successXml())
      await call(connect(raw.url))
      // The server learns of it a moment later; a kept one would hang here.
      await Promise.all([...raw.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
      expect(raw.sockets.size).toBe(0)
    })
  })

  describe('an answer of STS that is an error', () => {
    it('becomes a failure with AWS code, request id and endpoint, after one attempt', async () => {
      const raw = await answering(403, errorXml('AccessDenied', 'Not authorized'), {
        'x-amzn-RequestId': 'in-the-header',
      })
      const failure = await failureOf(call(connect(raw.url, { now: () => Date.UTC(2026, 0, 1) })))
      expect(failure.code).toBe('StsAccessDenied')
      expect(failure.message).toContain(
        `AccessDenied (HTTP 403, request id in-the-header) from ${raw.url} for ${request.roleArn}`,
      )
      expect(failure.message).toContain(': Not authorized. ')
      expect(raw.seen).toHaveLength(1)
    })

    it('has the request id of the body where no header has one', async () => {
      const { url } = await answering(400, errorXml('InvalidIdentityToken', 'Invalid token signature'))
      expect((await failureOf(call(connect(url)))).message).toContain('request id in-the-body')
    })

    it('tells of the clock that the Date of an error shows', async () => {
      const { url } = await answering(400, errorXml('ExpiredTokenException', 'expired'))
      const failure = await failureOf(call(connect(url, { now: () => Date.UTC(2026, 0, 1) - 600_000 })))
      expect(failure.message).toContain("the pod's clock is 600 s behind STS's")
    })

    it('never repeats a throttled or failed attempt by itself', async () => {
      const raw = await answering(503, errorXml('ServiceUnavailable', 'm'))
      expect((await failureOf(call(connect(raw.url)))).code).toBe('StsUnavailable')
      expect(raw.seen).toHaveLength(1)
    })

    it('echoes no token', async () => {
      const { url } = await answering(
        400,
        errorXml('ValidationError', `Value '${request.token}' at 'webIdentityToken'`),
        {
          'x-amzn-RequestId': request.token,
        },
      )
      const failure = await failureOf(call(connect(url)))
      expect(failure.code).toBe('StsRequestInvalid')
      expect(failure.message).toContain('[redacted]')
    })

    it("understands Ceph's form of it", async () => {
      const body =
        '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><RequestId>tx1</RequestId></Error>'
      const { url } = await answering(403, body)
      expect((await failureOf(call(connect(url)))).code).toBe('StsAccessDenied')
    })

    it.each([
      [400, '<ErrorResponse></ErrorResponse>', 'StsOther'],
      [400, '<ErrorResponse><Error><Code>A</Code><Code>B</Code></Error></ErrorResponse>', 'StsOther'],
      [
        400,
        '<ErrorResponse><Error><Code><x>A</x></Code><Message><y>B</y></Message></Error></ErrorResponse>',
        'StsAnswerInvalid',
      ],
      [500, '', 'StsUnavailable'],
      [502, '\n', 'StsUnavailable'],
      [429, '', 'StsThrottled'],
      [429, 'slow down', 'StsThrottled'],
      [502, '<!DOCTYPE html><html></html>', 'StsUnavailable'],
      [503, '<html>Service Unavailable</html>', 'StsUnavailable'],
    ])('HTTP %i with %j is %s', async (status, body, code) => {
      const { url } = await answering(status, body)
      const failure = await failureOf(call(connect(url)))
      expect(failure.code).toBe(code)
      expect(failure.message).toContain(url)
    })
  })

  describe('an answer that STS would not give', () => {
    it.each([
      [200, '<html><body>Welcome to the airport</body></html>', 'HTTP 200 with something else'],
      [404, '<!DOCTYPE html><html></html>', 'HTTP 404 with something else'],
      [200, '', 'something else'],
      [403, '', 'something else'],
      [200, '{"AccessKeyId":"c4n4ry"}', 'something else'],
      [200, errorXml('AccessDenied', 'm'), 'something else'],
      [400, successXml({ secret: 'c4n4ry' }), 'something else'],
      [302, '', 'redirects (HTTP 302)'],
      [307, '<html></html>', 'redirects (HTTP 307)'],
      [200, '<AssumeRoleWithWebIdentityResponse><c4n4ry', 'does not parse'],
      [200, successXml({ secret: 'c4n4ry', expiration: 'tomorrow' }), 'does not parse'],
      [200, successXml({ secret: 'c4n4ry' }).slice(0, 600), 'does not parse'],
    ])('HTTP %i with %j', async (status, body, words) => {
      const { url } = await answering(status, body, { location: 'https://127.0.0.1:1/' })
      const failure = await failureOf(call(connect(url)))
      expect(failure.code).toBe('StsAnswerInvalid')
      expect(failure.message).toContain(words)
      expect(failure.message).toContain(url)
    })

    it('gives up a body that does not end', async () => {
      const { url } = await serve((response) => {
        response.writeHead(200)
        const more = (): void => {
          while (!response.destroyed && response.write('<'.repeat(16_384)));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      })
      const failure = await failureOf(call(connect(url)))
      expect(failure.code).toBe('StsAnswerInvalid')
      expect(failure.message).toContain('longer than 65536 bytes')
    })

    it('is one of something that does not speak TLS', async () => {
      const plain = createPlainServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
        0,
        '127.0.0.1',
      )
      await new Promise((resolve) => plain.once('listening', resolve))
      running.push({ stop: () => new Promise((resolve) => plain.close(() => resolve())) })
      const address = plain.address()
      const port = typeof address === 'object' ? address?.port : undefined
      expect((await failureOf(call(connect(`https://127.0.0.1:${port}`)))).code).toBe('StsAnswerInvalid')
    })
  })

  describe('the way to STS', () => {
    it('StsUnreachable: nobody listens', async () => {
      const url = `https://127.0.0.1:${await freePort()}`
      const failure = await failureOf(call(connect(url)))
      expect(failure.code).toBe('StsUnreachable')
      expect(failure.message).toContain(url)
      expect(failure.message).toContain('ECONNREFUSED')
    })

    it('StsUnreachable: the name does not resolve', async () => {
      const failure = await failureOf(call(connect('https://sts.invalid')))
      expect(failure.code).toBe('StsUnreachable')
    })

    it('StsUnreachable: the connection breaks, before and amid the answer', async () => {
      const before = await serve((_, socket) => socket.destroy())
      expect((await failureOf(call(connect(before.url)))).code).toBe('StsUnreachable')
      const amid = await serve((response, socket) => {
        response.writeHead(200, { 'content-length': '5000' }).write('<Assume', () => socket.destroy())
      })
      expect((await failureOf(call(connect(amid.url)))).code).toBe('StsUnreachable')
    })

    it('StsTimeout: no answer, or half of one', async () => {
      const hanging = await serve(() => undefined)
      const failure = await failureOf(call(connect(hanging.url, { totalTimeout: 300 })))
      expect(failure.code).toBe('StsTimeout')
      expect(failure.message).toContain('no answer within 300 ms')
      const half = await serve((response) => void response.writeHead(200).write('<AssumeRole'))
      expect((await failureOf(call(connect(half.url, { totalTimeout: 300 })))).code).toBe('StsTimeout')
    })

    it('StsTimeout: the caller gives up, before and amid the call', async () => {
      const gaveUp = new AbortController()
      const hanging = await serve(() => gaveUp.abort(new Error('c4n4ry')))
      const failure = await failureOf(call(connect(hanging.url), gaveUp.signal))
      expect(failure.code).toBe('StsTimeout')
      expect(failure.message).toContain('given up')
      expect((await failureOf(call(connect(hanging.url), AbortSignal.abort()))).code).toBe('StsTimeout')
      expect(hanging.seen).toHaveLength(1)
    })

    it('StsUntrusted: another authority, the public ones, another name', async () => {
      const { url } = await answering(200, successXml())
      const other = await createCertificateAuthority({ name: 'other', now: Date.now })
      expect((await failureOf(call(connect(url, { ca: other.pem })))).code).toBe('StsUntrusted')
      expect((await failureOf(call(connect(url, { ca: undefined })))).code).toBe('StsUntrusted')
      const named = await serve((response) => response.end(successXml()), await authority.issue(['sts.example.com']))
      const failure = await failureOf(call(connect(named.url)))
      expect(failure.code).toBe('StsUntrusted')
      expect(failure.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
      expect(named.seen).toHaveLength(0)
    })

    it('takes one authority of several', async () => {
      const { url } = await answering(200, successXml())
      const other = await createCertificateAuthority({ name: 'other', now: Date.now })
      expect((await call(connect(url, { ca: other.pem + authority.pem }))).accessKeyId).toBe('ASIAEXAMPLE')
    })

    it('does not speak TLS 1.1', async () => {
      const old = await serve((response) => response.end(successXml()), {
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
      expect((await failureOf(call(connect(old.url)))).code).toBe('StsAnswerInvalid')
      expect(old.seen).toHaveLength(0)
    })
  })
})
