import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { allExchanges } from '../../../cmd/sidecar/allExchanges.ts'
import { readSettings } from '../../../cmd/sidecar/settings.ts'
import type { IdentityRequest, Sts } from '../../../src/federation/index.ts'
import { failureOf, never, noon } from '../federation/support.ts'

const roleArn = 'arn:aws:iam::111122223333:role/web'
const request: IdentityRequest = { roleArn, roleSessionName: 'web-0', durationSeconds: 3600 }
const issuer = 'https://tokens.example.com'

let pod: string
const at = (...parts: readonly string[]): string => join(pod, ...parts)
beforeEach(() => {
  pod = mkdtempSync(join(tmpdir(), 'lanyard-exchanges-'))
  onTestFinished(() => rmSync(pod, { recursive: true, force: true }))
  for (const name of ['file', 'provider/secret', 'state']) mkdirSync(at(name), { recursive: true })
})

/** The exchange of a pod that is told of this provider; STS answers nothing, and says what it was asked. */
function exchangeBy(provider: Readonly<Record<string, string>>) {
  const { config, values, plans } = readSettings(
    {
      LANYARD_ROLE_ARN: roleArn,
      LANYARD_CONTAINERS: 'app',
      LANYARD_AUDIENCE: 'sts.amazonaws.com',
      LANYARD_SESSION_DURATION: '1h',
      LANYARD_SESSION_NAME: '{pod}',
      LANYARD_REGION: 'eu-west-1',
      LANYARD_CREDENTIALS_PORT: '9797',
      LANYARD_METRICS_PORT: '9798',
      LANYARD_POD_NAME: 'web-0',
      LANYARD_POD_NAMESPACE: 'shop',
      LANYARD_POD_UID: 'u',
      LANYARD_POD_SERVICE_ACCOUNT: 'web',
      LANYARD_IDENTITY_PROVIDER: 'corporate',
      LANYARD_PROVIDER_CONFIG: JSON.stringify(provider),
      LANYARD_PROVIDER_DIRECTORY: at('provider'),
      LANYARD_PROVIDER_FILE_DIRECTORY: at('file'),
      LANYARD_STATE_DIRECTORY: at('state'),
    },
    allExchanges,
  )
  const asked: string[] = []
  const answer = { accessKeyId: '', secretAccessKey: '', sessionToken: '', expires: 0, date: noon, localTime: noon }
  const sts: Sts = {
    assumeRoleWithWebIdentity: async ({ token }) => {
      asked.push(token)
      return { ...answer, assumedRoleArn: '' }
    },
    assumeRoleWithSaml: async () => expect.fail('not by SAML'),
    assumeRole: async () => expect.fail('not by a chain'),
  }
  const byIdentity = allExchanges.byIdentity({ config, values, plans, sts, now: () => noon, watch: (source) => source })
  return { obtain: byIdentity(request), other: byIdentity(request), asked }
}

const tokenOf = (claims: object): string =>
  [{ alg: 'RS256' }, claims, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
const token = tokenOf({ iss: issuer, aud: 'lanyard', sub: 'web', exp: noon / 1000 + 600 })

describe('an identity that another container writes', () => {
  const file = { kind: 'file', issuer, stsAudience: 'lanyard', volume: 'identity', path: 'token', writer: 'fetch' }

  test('goes to STS', async () => {
    writeFileSync(at('file', 'token'), token)
    const { obtain, asked } = exchangeBy(file)
    await failureOf(obtain(never))
    expect(asked).toEqual([token])
  })

  test.each([
    ['file', file],
    ['saml', { ...file, kind: 'saml', source: 'file', principalArn: 'arn:aws:iam::111122223333:saml-provider/campus' }],
  ])('is never what the sidecar itself holds: %s', async (kind, { issuer: of, stsAudience, ...fields }) => {
    writeFileSync(at('state', 'state.json'), token)
    symlinkSync(at('state', 'state.json'), at('file', 'token'))
    const { obtain, asked } = exchangeBy({ ...fields, ...(kind === 'file' && { issuer: of, stsAudience }) })
    expect((await failureOf(obtain(never))).message).toContain('cannot be read (a link leads out of the volume)')
    expect(asked).toEqual([])
  })
})

test('a login that was refused rests for all sessions, and over a restart', async () => {
  writeFileSync(at('provider/secret/username'), 'web')
  writeFileSync(at('provider/secret/password'), 'c4n4ry')
  const login = {
    kind: 'saml',
    source: 'ecp',
    principalArn: 'arn:aws:iam::111122223333:saml-provider/campus',
    // Nothing listens there, so whatever is asked fails by another code.
    endpoint: 'https://127.0.0.1:1/ecp',
    secretName: 'login',
  }
  const { obtain } = exchangeBy(login)
  expect((await failureOf(obtain(never))).code).toBe('ProviderUnreachable')
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify([login.endpoint, 'web', 'c4n4ry'])))
  const refused = { digest: Buffer.from(digest).toString('base64url'), until: noon + 60_000 }
  writeFileSync(at('state/login.json'), JSON.stringify(refused))
  const restarted = exchangeBy(login)
  for (const each of [restarted.obtain, restarted.other])
    expect((await failureOf(each(never))).code).toBe('SamlLoginRefused')
  expect(readFileSync(at('state/login.json'), 'utf8')).not.toContain('c4n4ry')
})
