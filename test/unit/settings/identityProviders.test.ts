import { describe, expect, it } from 'vitest'
import { identityProvider, podIdentityProvider } from '../../../src/settings/identityProviders.ts'
import { rolesAlike, userProviders, userRoles } from '../../../src/settings/userCredentials.ts'

const client = {
  kind: 'oidc-client-credentials',
  namespaces: ['shop'],
  issuer: 'https://login.example.com',
  stsAudience: 'lanyard',
}
const exchange = { ...client, kind: 'token-exchange' }
const saml = {
  kind: 'saml',
  namespaces: ['shop'],
  source: 'ecp',
  principalArn: 'arn:aws:iam::111122223333:saml-provider/c',
  endpoint: 'https://idp.example.edu/ecp',
  secretName: 'login',
}
const file = {
  kind: 'file',
  namespaces: ['shop'],
  issuer: 'https://tokens.example.com',
  stsAudience: 'lanyard',
  volume: 'identity',
  path: 'token',
  writer: 'fetch',
}
const problemsOf = (record: unknown): readonly string[] => {
  const parsed = identityProvider.parse(JSON.stringify(record))
  if (parsed.ok) return []
  return (parsed.inside ?? []).map((one) =>
    'message' in one ? `${one.path}: ${one.message}` : `${one.path} ${one.problem}; it must be ${one.form}`,
  )
}
const without = (record: object, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
const pem = (length: number): string => `-----BEGIN CERTIFICATE-----\n${'A'.repeat(length)}\n-----END CERTIFICATE-----`

describe('an identity provider', () => {
  it.each<[string, object]>([
    ['client credentials by the token', client],
    [
      'client credentials by a secret',
      { ...client, clientAuthentication: 'client-secret-basic', clientId: 'c', secretName: 's', secretKey: 'k' },
    ],
    ['an issuer with a path and a port', { ...client, issuer: 'https://login.example.com:8443/realms/shop' }],
    ['token exchange', exchange],
    ['an authority', { ...client, ca: pem(100) }],
    ['an authority in a ConfigMap', { ...client, caConfigMap: 'ca' }],
    ['SAML by ECP', saml],
    ['SAML by WS-Trust', { ...saml, source: 'ws-trust' }],
    [
      'SAML by file',
      { ...without(saml, 'endpoint', 'secretName'), source: 'file', volume: 'v', path: 'a/b', writer: 'w' },
    ],
    ['SAML of China', { ...saml, principalArn: 'arn:aws-cn:iam::111122223333:saml-provider/c' }],
    ['a file', file],
  ])('%s', (_what, record) => {
    expect(problemsOf(record)).toEqual([])
  })

  it.each<[string, object, readonly string[]]>([
    ['namespaces, always', without(client, 'namespaces'), ['namespaces is missing']],
    [
      'a client with a secret',
      { ...client, clientAuthentication: 'client-secret-post' },
      ['clientId is missing', 'secretName is missing', 'secretKey is missing'],
    ],
    [
      'a client with a key',
      { ...exchange, clientAuthentication: 'private-key-jwt', clientId: 'c' },
      ['secretName is missing', 'secretKey is missing'],
    ],
    [
      'an address and a login',
      without(saml, 'endpoint', 'secretName'),
      ['endpoint is missing', 'secretName is missing'],
    ],
    [
      'who writes it',
      without({ ...saml, source: 'file' }, 'endpoint', 'secretName'),
      ['volume is missing', 'path is missing', 'writer is missing'],
    ],
    ['a whole file', without(file, 'volume', 'writer'), ['volume is missing', 'writer is missing']],
    ['one authority', { ...client, ca: pem(1), caConfigMap: 'ca' }, ['ca stands beside caConfigMap']],
  ])('needs %s', (_what, record, problems) => {
    expect(problemsOf(record).map((text) => text.split(';')[0])).toEqual(problems)
  })

  it.each([
    ['http', { ...client, issuer: 'http://login.example.com' }],
    ['a query', { ...client, issuer: 'https://login.example.com?x' }],
    ['a user', { ...client, tokenEndpoint: 'https://a:b@login.example.com' }],
    ['no signature', { ...client, algorithms: 'none' }],
    ['a signature with a shared secret', { ...client, algorithms: 'RS256 HS256' }],
    ['a client assertion without a key', { ...client, algorithm: 'HS256' }],
    ["the API server's audience", { ...client, tokenAudience: 'https://kubernetes.default.svc' }],
    ["the API server's audience as the issuer", { ...client, issuer: 'https://kubernetes.default.svc.cluster.local' }],
    ['an issuer too long for an audience', { ...client, issuer: `https://login.example.com/${'x'.repeat(255)}` }],
    ['a path out of the volume', { ...file, path: '../token' }],
    ['a path out of it, later', { ...file, path: 'a/../../token' }],
    ['an absolute path', { ...file, path: '/token' }],
    ['a key out of the Secret', { ...saml, passwordKey: '..' }],
    ["kubelet's own link", { ...saml, passwordKey: '..data' }],
    ['a key with a slash', { ...saml, passwordKey: 'a/b' }],
    ['a role for a SAML provider', { ...saml, principalArn: 'arn:aws:iam::111122223333:role/c' }],
    ['metadata that is no XML', { ...saml, metadata: 'https://idp.example.edu' }],
    ['metadata too long', { ...saml, metadata: `<a>${'x'.repeat(32_768)}</a>` }],
    ['a scope with quotes', { ...client, scope: 'a "b"' }],
    ['white space in a client ID', { ...client, clientId: 'a b' }],
    ['a volume of Lanyard', { ...file, volume: 'lanyard-state' }],
    [
      'a volume of Lanyard for assertions',
      { ...without(saml, 'endpoint', 'secretName'), source: 'file', volume: 'lanyard-x', path: 'a', writer: 'w' },
    ],
    ['a writer that is no container', { ...file, writer: 'A' }],
  ])('is not one with %s', (_what, record) => {
    expect(problemsOf(record)).toHaveLength(1)
  })

  const shown = { clientId: 'c', secretName: 's', secretKey: 'k' }
  it.each<[string, object, readonly string[]]>([
    [
      'by the token of the ServiceAccount',
      { ...client, ...shown, keyId: '1', assertionAudience: 'a' },
      ['secretName', 'secretKey', 'keyId', 'assertionAudience'],
    ],
    ['by nothing', { ...exchange, ...shown, keyId: '1' }, ['secretName', 'secretKey', 'keyId']],
    [
      'by a secret',
      { ...client, ...shown, clientAuthentication: 'client-secret-basic', keyId: '1', tokenExpiration: '1h' },
      ['tokenExpiration', 'keyId'],
    ],
    [
      'by a secret, beside the token that is exchanged',
      { ...exchange, ...shown, clientAuthentication: 'client-secret-post', keyId: '1', tokenExpiration: '1h' },
      ['keyId'],
    ],
    [
      'by a key',
      { ...client, ...shown, clientAuthentication: 'private-key-jwt', keyId: '1', assertionAudience: 'a' },
      [],
    ],
    ['by a login', { ...saml, volume: 'v', path: 'a', writer: 'w' }, ['volume', 'path', 'writer']],
    ['by a file', { ...saml, source: 'file', volume: 'v', path: 'a', writer: 'w' }, ['endpoint', 'secretName']],
  ])('has no field that nothing uses: %s', (_what, record, names) => {
    const { clientAuthentication, source } = record as Readonly<Record<string, string>>
    const usual = 'kind' in record && record.kind === 'token-exchange' ? 'none' : 'service-account-token'
    const why = source === undefined ? `clientAuthentication: ${clientAuthentication ?? usual}` : `source: ${source}`
    expect(problemsOf(record)).toEqual(names.map((name) => `${name}: nothing uses it with ${why}`))
  })

  it.each<[string, boolean]>([
    ['10m', true],
    ['24h', true],
    ['9m', false],
    ['25h', false],
    ['3600', false],
  ])('takes a token that is at most so old, or not: %s', (tokenExpiration, ok) => {
    for (const kind of [client, exchange]) expect(problemsOf({ ...kind, tokenExpiration })).toHaveLength(ok ? 0 : 1)
    expect(problemsOf({ ...file, tokenExpiration })).toEqual(['tokenExpiration: there is no such field'])
  })

  it('may say whom the token is for, where the issuer cannot be that', () => {
    const issuer = 'https://kubernetes.default.svc.cluster.local'
    expect(problemsOf({ ...client, issuer, tokenAudience: 'idp' })).toEqual([])
  })

  it('is not longer than a variable of the sidecar, with all that is escaped', () => {
    const metadata = `<a>${'<'.repeat(22_000)}</a>`
    expect(problemsOf({ ...saml, metadata: `<a>${'x'.repeat(22_000)}</a>` })).toEqual([])
    expect(problemsOf({ ...saml, metadata })[0]).toMatch(/^metadata makes it 13\d{4} bytes long; it must be so short/)
    const ca = pem(1).replace('\nA\n', `\n${'<'.repeat(22_000)}\n`)
    expect(problemsOf({ ...client, ca })[0]).toMatch(/^ca makes it 13\d{4} bytes long/)
  })
})

describe('as a pod is told', () => {
  it('it has all but whom it is for', () => {
    expect(podIdentityProvider.parse(JSON.stringify(without(client, 'namespaces'))).ok).toBe(true)
    const parsed = podIdentityProvider.parse(JSON.stringify(client))
    expect(parsed.ok ? '' : parsed.inside?.[0]?.path).toBe('namespaces')
  })
})

describe('users', () => {
  const role = {
    kind: 'role',
    namespaces: ['shop'],
    providers: ['google'],
    roleArn: 'arn:aws:iam::111122223333:role/users',
  }
  const rolesOk = (fields: object) => userRoles.parse(JSON.stringify({ files: { ...role, ...fields } })).ok

  it.each<[string, object, boolean]>([
    ['a role', {}, true],
    ['a policy', { sessionPolicy: '{"Statement":[]}' }, true],
    ['two hours', { sessionDuration: '2h' }, true],
    ['a minute', { sessionDuration: '1m' }, false],
    ['a bare name', { roleArn: 'users' }, false],
    ['no provider', { providers: [] }, false],
    ['a policy that has 2048 characters, with the user in it', { sessionPolicy: policyOf(2048) }, true],
    ['a policy that is too long with the user in it', { sessionPolicy: policyOf(2049) }, false],
    [
      'policies that are too long together',
      { sessionPolicy: policyOf(2040), sessionPolicyArns: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      false,
    ],
  ])('may have, or not: %s', (_what, fields, ok) => {
    expect(rolesOk(fields)).toBe(ok)
  })

  it('have a policy that says who they are, and not by a slip', () => {
    const sessionPolicy = '{"Statement":[{"Resource":"arn:aws:s3:::files/$' + '{user}/*"}]}'
    const parsed = userRoles.parse(JSON.stringify({ files: { ...role, sessionPolicy } }))
    const message = 'it has $' + '{user}, and what stands for the user is {user}'
    expect(parsed.ok ? [] : parsed.inside).toEqual([
      { path: 'files.sessionPolicy', message, fix: 'Write {user}, without the dollar sign' },
    ])
    expect(rolesOk({ sessionPolicy: sessionPolicy.replace('$', '') })).toBe(true)
    expect(rolesOk({ sessionPolicy: sessionPolicy.replace('user', 'aws:username') })).toBe(true)
  })

  it('have the same by a role without one', () => {
    const all = {
      files: { ...role, sessionPolicy: '{"Statement":"{user}"}' },
      bare: role,
      general: { ...role, sessionPolicy: '{"Statement":"user"}' },
    }
    const parsed = userRoles.parse(JSON.stringify(all))
    expect(parsed.ok ? rolesAlike(parsed.value) : []).toEqual(['bare', 'general'])
    expect(rolesAlike(undefined)).toEqual([])
  })

  /** Of that length once the name of the user, of 32 characters, stands in it. */
  function policyOf(length: number): string {
    const [head, tail] = ['{"Statement":"{user}', '"}']
    return head + 'x'.repeat(length - (head.length - '{user}'.length + 32) - tail.length) + tail
  }

  it.each<[string, object, boolean]>([
    ['google', { clientIds: ['a'] }, true],
    ['apple', { clientIds: 'a b' }, true],
    ['amazon', { clientIds: ['a'] }, true],
    ['facebook', { clientIds: ['1234'] }, true],
    ['facebook', { clientIds: ['abc'] }, false],
    ['oidc', { clientIds: ['a'], issuer: 'https://login.example.com' }, true],
    ['oidc', { clientIds: ['a'] }, false],
    ['google', { clientIds: ['a'], issuer: 'https://evil.example.com' }, false],
    ['google', {}, false],
    ['other', { clientIds: ['a'] }, false],
  ])('may come from %s with %j: %s', (kind, fields, ok) => {
    expect(userProviders.parse(JSON.stringify({ one: { kind, ...fields } })).ok).toBe(ok)
  })
})
