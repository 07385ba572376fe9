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
    host: '0.0.0.0',
    port: 8443,
    controlPort: 8081,
    identity: { certFile: '/tls.crt', keyFile: '/tls.key' },
    providers: [{ ...provider, caFile: undefined, tokenFile: undefined }],
    roles: [
      {
        name: 'web',
        path: '/',
        maxSessionDuration: 3600,
        trust: [{ namespace: 'shop', serviceAccount: 'web', audience: 'sts.amazonaws.com' }],
        trustPolicy: undefined,
      },
    ],
  })
})

test('everything that is said is taken', () => {
  const all = {
    accountId: '111122223333',
    partition: 'aws-cn',
    host: '127.0.0.1',
    port: 1,
    controlPort: 2,
    certFile: 'a',
    keyFile: 'b',
    providers: [{ ...provider, caFile: 'c', tokenFile: 'd' }],
    roles: [
      {
        name: 'a',
        path: '/x/',
        maxSessionDuration: 7200,
        trust: [{ namespace: '*', serviceAccount: 'w*', audience: 'v' }],
      },
      { name: 'b', trustPolicy: { Statement: [] } },
    ],
  }
  const { certFile, keyFile, ...others } = all
  const [first, second] = all.roles
  expect(readTestbedConfig(all)).toEqual({
    ...others,
    identity: { certFile, keyFile },
    roles: [
      { ...first, trustPolicy: undefined },
      { ...second, path: '/', maxSessionDuration: 3600, trust: [] },
    ],
  })
})

describe('every problem is told at once', () => {
  test('of an empty file', () => {
    expect(problemsOf(undefined)).toEqual([
      'SettingMissing: accountId: it must be a text (a number in quotes)',
      'SettingMissing: certFile: it must be a text (a number in quotes)',
      'SettingMissing: keyFile: it must be a text (a number in quotes)',
      'SettingMissing: providers: it must be a list',
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
      'SettingUnknown: roles[0].trust[0].serviceAccounts: it is not known; the keys here are namespace, serviceAccount, audience',
      'SettingInvalid: roles[1].trust: give either trust or trustPolicy',
      'SettingInvalid: roles[2].maxSessionDuration: it must be a whole number from 3600 to 43200',
      'SettingInvalid: roles[2].trust: give either trust or trustPolicy',
      'SettingInvalid: roles[3].trustPolicy: it must be an IAM policy document',
      'SettingUnknown: Port: it is not known; the keys here are accountId, partition, host, port, controlPort, hosts, certFile, keyFile, providers, roles',
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
