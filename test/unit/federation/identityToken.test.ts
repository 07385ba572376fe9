import { describe, expect, it } from 'vitest'
import { fileTokenSource } from '../../../src/federation/index.ts'
import { canary, failureOf, goodClaims, makeToken, never, noon } from './support.ts'

const path = '/var/run/secrets/lanyard.dev/identity/token'

const sourceOf = (read: (path: string) => Promise<string>) =>
  fileTokenSource({ path, read, audience: 'sts.amazonaws.com', now: () => noon })
const obtain = (content: string) => sourceOf(async () => content)(never)
const failing = (reason: unknown) => failureOf(sourceOf(() => Promise.reject(reason))(never))

const without = (name: keyof typeof goodClaims) => ({ ...goodClaims, [name]: undefined })
const part = (text: string) => Buffer.from(text).toString('base64url')

describe('fileTokenSource', () => {
  it('reads the claims of a good token', async () => {
    const raw = makeToken()
    expect(await obtain(raw)).toEqual({
      raw,
      issuer: 'https://oidc.example.com/cluster',
      subject: 'system:serviceaccount:shop:web',
      audiences: ['sts.amazonaws.com'],
      expires: noon + 3_600_000,
      issuedAt: noon - 60_000,
    })
  })

  it.each(['\n', '\r\n'])('tolerates one newline at the end (%j)', async (newline) => {
    expect((await obtain(makeToken() + newline)).raw).toBe(makeToken())
  })

  it('takes a single audience and no iat', async () => {
    const token = await obtain(makeToken({ ...without('iat'), aud: 'sts.amazonaws.com' }))
    expect(token.audiences).toEqual(['sts.amazonaws.com'])
    expect(token).not.toHaveProperty('issuedAt')
  })

  it('reads the file anew every time', async () => {
    const contents = [makeToken(), makeToken({ ...goodClaims, sub: 'system:serviceaccount:shop:other' })]
    const source = sourceOf(async () => contents.shift() ?? '')
    expect((await source(never)).subject).toBe('system:serviceaccount:shop:web')
    expect((await source(never)).subject).toBe('system:serviceaccount:shop:other')
  })

  it('hands the path and the signal to the reader', async () => {
    const seen: unknown[] = []
    const read = async (...given: unknown[]) => {
      seen.push(...given)
      return makeToken()
    }
    await fileTokenSource({ path, read, audience: 'sts.amazonaws.com', now: () => noon })(never)
    expect(seen).toEqual([path, never])
  })

  it('takes a token until five minutes past exp', async () => {
    const expired = (seconds: number) => makeToken({ ...goodClaims, exp: noon / 1000 - seconds })
    expect((await obtain(expired(300))).expires).toBe(noon - 300_000)
    const failure = await failureOf(obtain(expired(301)))
    expect(failure.code).toBe('TokenExpired')
    expect(failure.message).toContain('expired at 2026-01-01T11:54:59.000Z, and it is 2026-01-01T12:00:00.000Z now')
  })

  it.each([
    ['TokenFileMissing', Object.assign(new Error('x'), { code: 'ENOENT' })],
    ['TokenFileMissing', Object.assign(new Error('x'), { code: 'ENOTDIR' })],
    ['TokenFileUnreadable', Object.assign(new Error('x'), { code: 'EACCES' })],
    ['TokenFileUnreadable', new DOMException('x', 'AbortError')],
    ['TokenFileUnreadable', 'text'],
  ])('%s when the file cannot be read', async (code, reason) => {
    const failure = await failing(reason)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(path)
    expect(failure.retry).toBe('rereadToken')
  })

  it('gives a file system that hangs up, and says so', async () => {
    const giveUp = new AbortController()
    const read = () => new Promise<string>(() => giveUp.abort())
    const source = fileTokenSource({ path, read, audience: 'sts.amazonaws.com', now: () => noon })
    const failure = await failureOf(source(giveUp.signal))
    expect(failure.code).toBe('TokenFileUnreadable')
    expect(failure.message).toContain(`${path} cannot be read (no answer in time)`)
  })

  it('names the reason why a file cannot be read, never the text of the error', async () => {
    const reason = Object.assign(new Error(canary), { code: 'EACCES' })
    const { message } = await failing(reason)
    expect(message).toContain('EACCES')
    expect(message).not.toContain(canary)
  })

  it.each([
    ['TokenEmpty', '', 'is empty'],
    ['TokenEmpty', '\n', 'is empty'],
    ['TokenEmpty', '  \n', 'is empty'],
    ['TokenTooLarge', `${makeToken()}${'A'.repeat(20_000)}`, 'characters'],
    ['TokenNotJwt', canary, 'three base64url parts'],
    ['TokenNotJwt', `${makeToken()}.x`, 'three base64url parts'],
    ['TokenNotJwt', `${makeToken()}\n\n`, 'three base64url parts'],
    ['TokenNotJwt', `${part('{}')}..${canary}`, 'three base64url parts'],
    ['TokenNotJwt', `${part('{}')}.${part('{}')}.a b`, 'three base64url parts'],
    ['TokenNotJwt', `${part('nothing')}.${part('{}')}.${canary}`, 'header is no JSON object'],
    ['TokenNotJwt', `${part('[]')}.${part('{}')}.${canary}`, 'header is no JSON object'],
    ['TokenNotJwt', `${part('{}')}.${part('{"a":')}.${canary}`, 'claims are no JSON object'],
    ['TokenNotJwt', `${part('{}')}.${part('7')}.${canary}`, 'claims are no JSON object'],
    ['TokenNotJwt', makeToken(without('exp')), 'no exp'],
    ['TokenNotJwt', makeToken({ ...goodClaims, exp: 'soon' }), 'no exp'],
    ['TokenNotJwt', makeToken({ ...goodClaims, exp: 1e300 }), 'no exp'],
    ['TokenNotJwt', makeToken(without('sub')), 'no sub'],
    ['TokenAudience', makeToken({ ...goodClaims, aud: ['a', 'b'] }), 'the audience a, b, expected sts.amazonaws.com'],
    ['TokenAudience', makeToken(without('aud')), 'the audience none'],
    ['TokenAudience', makeToken({ ...goodClaims, aud: { 'sts.amazonaws.com': 1 } }), 'the audience none'],
    ['TokenIssuer', makeToken(without('iss')), 'has no issuer, expected an https URL'],
    ['TokenIssuer', makeToken({ ...goodClaims, iss: 'kubernetes/serviceaccount' }), 'kubernetes/serviceaccount'],
    ['TokenIssuer', makeToken({ ...goodClaims, iss: 'http://oidc.example.com' }), 'http://oidc.example.com'],
    ['TokenIssuer', makeToken({ ...goodClaims, iss: 'https://oidc.example.com?a' }), 'https://oidc.example.com?a'],
    ['TokenIssuer', makeToken({ ...goodClaims, iss: 'https://a:b@oidc.example.com' }), 'expected an https URL'],
  ])('%s: %j', async (code, content, message) => {
    const failure = await failureOf(obtain(content))
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(path)
    expect(failure.message).toContain(message)
    expect(failure.message).not.toMatch(/c4n4ry|eyJ/)
    expect(failure.cause).toBeUndefined()
  })

  it('shows a foreign claim on one line', async () => {
    const failure = await failureOf(
      obtain(makeToken({ ...goodClaims, iss: `x\nTokenExpired: \u202e${'y'.repeat(999)}` })),
    )
    expect(failure.message).not.toMatch(/[\n\u202e]/)
    expect(failure.message.length).toBeLessThan(700)
  })
})
