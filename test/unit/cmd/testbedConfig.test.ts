import { describe, expect, test } from 'vitest'
import { readTestbedConfig } from '../../../cmd/testbed/config.ts'
import { Failure } from '../../../src/errors/index.ts'

const issuer = 'https://kubernetes.default.svc.cluster.local'
const provider = { url: issuer, clientIds: ['sts.amazonaws.com'] }
const role = { name: 'web', trust: [{ namespace: 'shop', serviceAccount: 'web' }] }
const least = {
  accountId: '111122223333',
  certFile: '/tls.crt',
  keyFile: '/tls.key',
  providers: [provider],
  roles: [role],
}

/** Code, field and message of each problem. */
function problemsOf(content: unknown): string[] {
  try {
    readTestbedConfig(content)
    return []
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    return thrown.problems.map(({ code, field, message }) => `${code}: ${field}: ${message}`)
  }
}

test('what need not be said has a default', () => {
  expect(readTestbedConfig(least)).toEqual({
    accountId: '111122223333',
    partition: 'aws',
    dialect: 'aws',
    host: '0.0.0.0',
    port: 8443,
    controlPort: 8081,
    identity: { certFile: '/tls.crt', keyFile: '/tls.key' },
    providers: [{ ...provider, caFile: undefined, tokenFile: undefined }],
    samlProviders: [],
    logins: [],
    roles: [
      {
        name: 'web',
        path: '/',
        maxSessionDuration: 3600,
        mayAssume: ['*'],
        trust: [
          {
            kind: 'serviceAccount',
            namespace: 'shop',
            serviceAccount: 'web',
            audience: 'sts.amazonaws.com',
            carries: [],
          },
        ],
        trustPolicy: undefined,
      },
    ],
  })
})

test('everything that is said is taken', () => {
  const all = {
    accountId: '111122223333',
    partition: 'aws-cn',
    dialect: 'ceph',
    host: '127.0.0.1',
    port: 1,
    controlPort: 2,
    hosts: ['sts.test'],
    providers: [{ ...provider, caFile: 'c', tokenFile: 'd' }],
    samlProviders: [
      { name: 'corp', metadataFile: 'e' },
      { name: 'lab', metadata: '<EntityDescriptor/>' },
    ],
    logins: [
      { provider: 'amazon', port: 3, clientId: 'client', appId: 'app' },
      { provider: 'facebook', port: 4 },
    ],
    roles: [
      {
        name: 'a',
        path: '/x/',
        maxSessionDuration: 7200,
        mayAssume: [],
        trust: [{ namespace: '*', serviceAccount: 'w*' }],
      },
      { name: 'b', trustPolicy: { Statement: [] } },
    ],
  }
  const { hosts, ...others } = all
  const [first, second] = all.roles
  expect(readTestbedConfig(all)).toEqual({
    ...others,
    identity: { hosts },
    samlProviders: [
      { name: 'corp', metadataFile: 'e', metadata: undefined },
      { name: 'lab', metadataFile: undefined, metadata: '<EntityDescriptor/>' },
    ],
    logins: [
      { name: 'amazon', port: 3, clientId: 'client', appId: 'app' },
      { name: 'facebook', port: 4, clientId: undefined, appId: undefined },
    ],
    roles: [
      { ...first, trust: [expect.objectContaining({ kind: 'serviceAccount' })], trustPolicy: undefined },
      { ...second, path: '/', maxSessionDuration: 3600, mayAssume: ['*'], trust: [] },
    ],
  })
})

const audience = 'sts.amazonaws.com'

describe('whom a role trusts is told by its keys', () => {
  test.each([
    [
      { namespace: '*', serviceAccount: 'w*', audience: 'v' },
      { kind: 'serviceAccount', namespace: '*', serviceAccount: 'w*', audience: 'v' },
    ],
    [
      { provider: issuer, subject: 'client' },
      { kind: 'oidc', provider: issuer, subject: 'client', audience },
    ],
    [
      { provider: issuer, subject: 'client', audience: 'v', carries: ['sourceIdentity', 'tags'] },
      { kind: 'oidc', provider: issuer, subject: 'client', audience: 'v', carries: ['tags', 'sourceIdentity'] },
    ],
    [{ saml: 'corp' }, { kind: 'saml', saml: 'corp', recipient: undefined }],
    [
      { saml: 'corp', recipient: 'https://a.test/saml', carries: ['tags'] },
      { kind: 'saml', saml: 'corp', recipient: 'https://a.test/saml', carries: ['tags'] },
    ],
    [{ role: 'a' }, { kind: 'role', role: 'a', externalId: undefined }],
    [
      { role: 'a', externalId: 'x1' },
      { kind: 'role', role: 'a', externalId: 'x1' },
    ],
    [
      { login: 'amazon', app: 'app' },
      { kind: 'login', login: 'amazon', app: 'app', user: '*' },
    ],
    [
      { login: 'facebook', app: 'app', user: '7' },
      { kind: 'login', login: 'facebook', app: 'app', user: '7' },
    ],
  ])('%j', (trust, expected) => {
    const { roles } = readTestbedConfig({ ...least, roles: [{ name: 'web', trust: [trust] }] })
    expect(roles[0]?.trust).toEqual([{ carries: [], ...expected }])
  })

  test.each([
    [{ carries: ['tags', 'tags'] }, 'carries: it may hold tags and sourceIdentity, each once'],
    [{ carries: ['keys'] }, 'carries: it may hold tags and sourceIdentity, each once'],
    [{ login: 'google', app: 'app' }, 'login: it must be one of amazon, facebook'],
  ])('%j is refused', (change, problem) => {
    const trust = { ...(Object.hasOwn(change, 'login') ? {} : { saml: 'corp' }), ...change }
    const roles = [{ name: 'web', trust: [trust] }]
    expect(problemsOf({ ...least, roles })).toEqual([`SettingInvalid: roles[0].trust[0].${problem}`])
  })

  test('keys of two kinds are refused', () => {
    const roles = [{ name: 'web', trust: [{ saml: 'corp', role: 'a' }] }]
    expect(problemsOf({ ...least, roles })).toEqual([
      'SettingUnknown: roles[0].trust[0].role: it is not known; the keys here are carries, provider, saml, recipient',
    ])
  })
})

describe('every problem is told at once', () => {
  test('of an empty file', () => {
    expect(problemsOf(undefined)).toEqual([
      'SettingMissing: accountId: it must be a text (a number in quotes)',
      'SettingMissing: certFile: it must be a text (a number in quotes)',
      'SettingMissing: keyFile: it must be a text (a number in quotes)',
      'SettingMissing: roles: it must be a list',
    ])
  })

  test('of every depth', () => {
    const roles = [
      { ...role, trust: [{ namespace: 'shop', serviceAccounts: 'web' }, 'web'] },
      { name: 'both', trust: [], trustPolicy: {} },
      { name: 'neither', maxSessionDuration: 60 },
      { name: 'policy', trustPolicy: [] },
    ]
    const content = { ...least, accountId: 111122223333, port: '8443', partition: 'aws-us', roles, Port: 1 }
    expect(problemsOf({ ...content, providers: [{ url: issuer, clientIds: 'sts', caFile: '' }] })).toEqual([
      'SettingInvalid: accountId: it must be a text (a number in quotes)',
      'SettingInvalid: partition: it must be one of aws, aws-cn, aws-us-gov',
      'SettingInvalid: port: it must be a whole number from 1 to 65535',
      'SettingInvalid: providers[0].clientIds: it must be a list',
      'SettingInvalid: providers[0].caFile: it must be a text (a number in quotes)',
      'SettingInvalid: roles[0].trust[1]: it is not a mapping',
      'SettingMissing: roles[0].trust[0].serviceAccount: it must be a text (a number in quotes)',
      'SettingUnknown: roles[0].trust[0].serviceAccounts: it is not known; the keys here are carries, provider, saml, role, login, namespace, serviceAccount, audience',
      'SettingInvalid: roles[1].trust: give either trust or trustPolicy',
      'SettingInvalid: roles[2].maxSessionDuration: it must be a whole number from 3600 to 43200',
      'SettingInvalid: roles[2].trust: give either trust or trustPolicy',
      'SettingInvalid: roles[3].trustPolicy: it must be an IAM policy document',
      'SettingUnknown: Port: it is not known; the keys here are accountId, partition, dialect, host, port, controlPort, hosts, certFile, keyFile, providers, samlProviders, logins, roles',
    ])
  })

  test('of what only looks like a key', () => {
    const content = JSON.parse('{"__proto__":{"accountId":"111122223333"}}')
    expect(problemsOf(content)).toContain('SettingMissing: accountId: it must be a text (a number in quotes)')
  })
})

describe('in place of a certificate', () => {
  const { certFile, keyFile, ...rest } = least
  test('hosts are taken, for which it makes its own', () => {
    expect(readTestbedConfig({ ...rest, hosts: ['sts.example.svc'] }).identity).toEqual({ hosts: ['sts.example.svc'] })
  })
  test.each([
    [{ hosts: [] }, 'it must name at least one host'],
    [{ hosts: ['a'], certFile, keyFile }, 'give either hosts or certFile and keyFile'],
  ])('%j is refused', (more, problem) => {
    expect(problemsOf({ ...rest, ...more })).toContain(`SettingInvalid: hosts: ${problem}`)
  })
})

describe('what stands in for others', () => {
  const { certFile, keyFile, ...rest } = least
  const ofItsOwn = { ...rest, hosts: ['sts.example.svc'] }
  const amazon = { provider: 'amazon', port: 8444 }

  test.each([
    ['a dialect', { dialect: 'azure' }, 'dialect: it must be one of aws, ceph, minio, seaweedfs'],
    [
      'a login',
      { logins: [{ provider: 'google', port: 1 }] },
      'logins[0].provider: it must be one of amazon, facebook',
    ],
    ['a login twice', { logins: [amazon, amazon] }, 'logins: each provider may be there once'],
    [
      'SAML without metadata',
      { samlProviders: [{ name: 'a' }] },
      'samlProviders[0].metadata: give either metadata or metadataFile',
    ],
    [
      'SAML with two metadata',
      { samlProviders: [{ name: 'a', metadata: 'x', metadataFile: 'y' }] },
      'samlProviders[0].metadata: give either metadata or metadataFile',
    ],
  ])('%s is refused', (_, more, problem) => {
    expect(problemsOf({ ...ofItsOwn, ...more })).toEqual([`SettingInvalid: ${problem}`])
  })

  test('a login without a port has none by chance', () => {
    expect(problemsOf({ ...ofItsOwn, logins: [{ provider: 'amazon' }] })).toEqual([
      'SettingMissing: logins[0].port: it must be a whole number from 1 to 65535',
    ])
  })

  test('a login has no certificate where the STS is given one', () => {
    expect(problemsOf({ ...rest, certFile, keyFile, logins: [amazon] })).toEqual([
      'SettingInvalid: logins: their certificates come from an authority of its own: give hosts',
    ])
  })
})
