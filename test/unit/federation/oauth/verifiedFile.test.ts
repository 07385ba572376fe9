import { describe, expect, it } from 'vitest'
import type { Code } from '../../../../src/errors/index.ts'
import { type FileProvider, verifiedFile } from '../../../../src/federation/oauth/index.ts'
import { podIdentityProvider } from '../../../../src/settings/identityProviders.ts'
import { audience, failureOf, goodClaims, issuerUrl, never, noon, seconds, sign } from './support.ts'

const path = '/var/run/secrets/lanyard.dev/provider-file/token'
const record = { issuer: issuerUrl, stsAudience: audience, volume: 'identity', path: 'token', writer: 'fetch' }

function source(read: () => Promise<string>) {
  const parsed = podIdentityProvider.parse(JSON.stringify({ kind: 'file', ...record }))
  if (!parsed.ok) throw new Error(parsed.problem)
  return verifiedFile(parsed.value as FileProvider, { path, read, now: () => noon })
}

describe('a token that another container keeps in a file', () => {
  it('is read anew each time', async () => {
    const contents = [await sign(), `${await sign({ ...goodClaims, sub: 'second' })}\n`]
    const reading = source(async () => contents.shift() ?? '')
    expect((await reading(never)).subject).toBe('client-1')
    expect((await reading(never)).subject).toBe('second')
  })

  it('is taken by its azp, where it has one', async () => {
    const token = await sign({ ...goodClaims, aud: 'account', azp: audience })
    expect(await source(async () => token)(never)).toMatchObject({ authorizedParty: audience, audiences: ['account'] })
  })

  const cases: readonly [string, object, Code, string][] = [
    ['is no longer refreshed', { exp: seconds - 301 }, 'ProviderFileStale', 'expired at 2026-01-01T11:54:59.000Z'],
    ['is for another audience', { aud: 'mars' }, 'ProviderTokenAudience', 'the audience mars'],
    ['has another azp', { azp: 'spa' }, 'ProviderTokenAudience', 'the authorized party (azp) spa'],
    ['is of another issuer', { iss: `${issuerUrl}/` }, 'ProviderTokenIssuer', `expected ${issuerUrl}`],
    ['is of no issuer', { iss: undefined }, 'ProviderTokenIssuer', 'no issuer'],
    ['has no exp', { exp: undefined }, 'ProviderFileUnreadable', 'no exp'],
  ]
  it.each(cases)('is refused where it %s', async (_name, change, code, words) => {
    const token = await sign({ ...goodClaims, ...change })
    const failure = await failureOf(source(async () => token)(never), [token])
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(words)
    expect(failure.message).toContain(path)
  })

  it.each<[string, () => Promise<string>, Code]>([
    ['is not there', () => Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })), 'ProviderFileMissing'],
    [
      'is not ours to read',
      () => Promise.reject(Object.assign(new Error(), { code: 'EACCES' })),
      'ProviderFileUnreadable',
    ],
    ['is empty', async () => '', 'ProviderFileUnreadable'],
    ['is half written', async () => (await sign()).slice(0, 80), 'ProviderFileUnreadable'],
    ['is huge', async () => 'x'.repeat(20_001), 'ProviderTokenTooLarge'],
  ])('is refused where it %s', async (_name, read, code) => {
    expect((await failureOf(source(read)(never))).code).toBe(code)
  })

  it('is not what a mistake of ours is told as', async () => {
    const broken = verifiedFile({ ...record, kind: 'file' } as FileProvider, {
      path,
      read: () => sign(),
      now: () => {
        throw new TypeError('broken')
      },
    })
    await expect(broken(never)).rejects.toThrow(TypeError)
  })
})
