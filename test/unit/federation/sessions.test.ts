import { describe, expect, test } from 'vitest'
import { planSessions, sessionProblems } from '../../../src/federation/index.ts'
import { type PodValues, readPodVariables } from '../../../src/settings/index.ts'

const pod = { namespace: 'shop', pod: 'web-0', serviceaccount: 'web' }
const arn = (name: string): string => `arn:aws:iam::111122223333:role/${name}`

/** What a webhook writes for a pod with one role. */
const usual = {
  LANYARD_ROLE_ARN: arn('web'),
  LANYARD_CONTAINERS: 'app proxy',
  LANYARD_AUDIENCE: 'sts.amazonaws.com',
  LANYARD_SESSION_DURATION: '1h',
  LANYARD_SESSION_NAME: '{namespace}.{serviceaccount}.{pod}',
  LANYARD_REGION: 'eu-west-1',
  LANYARD_CREDENTIALS_PORT: '9797',
  LANYARD_METRICS_PORT: '9798',
}

function valuesOf(changes: Readonly<Record<string, string | undefined>> = {}): PodValues {
  const { values, problems } = readPodVariables({ ...usual, ...changes })
  expect(problems).toEqual([])
  return values
}
const plansOf = (changes: Readonly<Record<string, string | undefined>> = {}) => planSessions(valuesOf(changes), pod)
const problemsOf = (changes: Readonly<Record<string, string | undefined>>) =>
  sessionProblems(valuesOf(changes)).map(({ code, field }) => `${code} ${field}`)

describe('planSessions', () => {
  test('shares one session among the containers of the common role', () => {
    expect(plansOf()).toEqual([
      {
        name: 'default',
        containers: ['app', 'proxy'],
        hop: {
          kind: 'identity',
          request: { roleArn: arn('web'), roleSessionName: 'shop.web.web-0', durationSeconds: 3600 },
        },
      },
    ])
  })

  test('gives a container with a role of its own its own session', () => {
    const changes = { LANYARD_CONTAINER_ROLES: `batch=${arn('a=b,c')} cron=${arn('path/cron')}` }
    expect(plansOf(changes).map(({ name, containers, hop }) => [name, containers, hop.request.roleArn])).toEqual([
      ['default', ['app', 'proxy'], arn('web')],
      ['batch', ['batch'], arn('a=b,c')],
      ['cron', ['cron'], arn('path/cron')],
    ])
    const alone = { ...changes, LANYARD_ROLE_ARN: undefined, LANYARD_CONTAINERS: undefined }
    expect(plansOf(alone).map(({ name }) => name)).toEqual(['batch', 'cron'])
  })

  test('tells sessions apart that their name tells apart', () => {
    const plans = plansOf({
      LANYARD_SESSION_NAME: '{pod}.{container}',
      LANYARD_CONTAINER_ROLES: `batch=${arn('batch')}`,
    })
    expect(plans.map(({ name, containers, hop }) => [name, containers, hop.request.roleSessionName])).toEqual([
      ['app', ['app'], 'web-0.app'],
      ['proxy', ['proxy'], 'web-0.proxy'],
      ['batch', ['batch'], 'web-0.batch'],
    ])
  })

  test('has one session by IMDS, whichever containers there are', () => {
    const plans = plansOf({ LANYARD_PROTOCOL: 'imds' })
    expect(plans).toEqual(plansOf())
    expect(plans.map(({ name }) => name)).toEqual(['default'])
  })

  test('does not take a container that is called default for what all share', () => {
    const plans = plansOf({ LANYARD_CONTAINER_ROLES: `default=${arn('own')}` })
    expect(plans.map(({ name, containers }) => [name, containers])).toEqual([
      ['default', ['app', 'proxy']],
      ['container/default', ['default']],
    ])
  })

  test('asks for the policies, where there are some', () => {
    const policy = '{"Version":"2012-10-17","Statement":[]}'
    const policyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
    const [plan] = plansOf({ LANYARD_SESSION_POLICY: policy, LANYARD_SESSION_POLICY_ARNS: policyArn })
    expect(plan?.hop.request).toMatchObject({ policy, policyArns: [policyArn] })
    expect(Object.keys(plansOf()[0]?.hop.request ?? {})).toEqual(['roleArn', 'roleSessionName', 'durationSeconds'])
  })
})

describe('sessionProblems', () => {
  test('has nothing against what the webhook writes', () => {
    expect(problemsOf({})).toEqual([])
    const own = { LANYARD_ROLE_ARN: undefined, LANYARD_CONTAINERS: undefined }
    expect(problemsOf({ ...own, LANYARD_CONTAINER_ROLES: `a=${arn('a')}` })).toEqual([])
  })

  test('names everything that is missing', () => {
    expect(sessionProblems({}).map(({ code, field }) => `${code} ${field}`)).toEqual([
      'SettingMissing LANYARD_AUDIENCE',
      'SettingMissing LANYARD_SESSION_DURATION',
      'SettingMissing LANYARD_SESSION_NAME',
      'SettingMissing LANYARD_REGION',
      'SettingMissing LANYARD_CREDENTIALS_PORT',
      'SettingMissing LANYARD_METRICS_PORT',
      'SettingMissing LANYARD_ROLE_ARN',
    ])
    for (const { fix } of sessionProblems({})) {
      expect(fix).toBe('The webhook writes it: look at how this container was made')
    }
    expect(problemsOf({ LANYARD_CONTAINERS: undefined })).toEqual(['SettingMissing LANYARD_CONTAINERS'])
  })

  test('does not guess the account of a role', () => {
    expect(problemsOf({ LANYARD_ROLE_ARN: 'web', LANYARD_CONTAINER_ROLES: `a=${arn('a')} b=other` })).toEqual([
      'SettingInvalid LANYARD_ROLE_ARN',
      'SettingInvalid LANYARD_CONTAINER_ROLES',
    ])
  })

  test.each(['app', 'default'])('finds the container %s that would have two roles', (container) => {
    const changes = { LANYARD_CONTAINERS: `x ${container}`, LANYARD_CONTAINER_ROLES: `${container}=${arn('own')}` }
    expect(problemsOf(changes)).toEqual(['SettingInvalid LANYARD_CONTAINER_ROLES'])
    expect(sessionProblems(valuesOf(changes))[0]?.message).toBe(
      `${container} is among LANYARD_CONTAINERS too, so it would have two roles`,
    )
  })

  test('refuses by IMDS what would tell containers apart', () => {
    const imds = { LANYARD_PROTOCOL: 'imds' }
    const own = { LANYARD_CONTAINER_ROLES: `other=${arn('web')}` }
    const named = { LANYARD_SESSION_NAME: '{pod}.{container}' }
    expect(problemsOf(imds)).toEqual([])
    expect(problemsOf({ ...imds, ...own })).toEqual(['SettingInvalid LANYARD_CONTAINER_ROLES'])
    expect(problemsOf({ ...imds, ...named })).toEqual(['SettingInvalid LANYARD_SESSION_NAME'])
    expect(sessionProblems(valuesOf({ ...imds, ...named }))[0]?.message).toBe(
      'it tells containers apart, and by LANYARD_PROTOCOL=imds they have one session',
    )
    const alone = { ...imds, ...own, LANYARD_ROLE_ARN: undefined, LANYARD_CONTAINERS: undefined }
    expect(problemsOf(alone)).toEqual(['SettingInvalid LANYARD_CONTAINER_ROLES'])
    expect(problemsOf({ LANYARD_PROTOCOL: 'container', ...own, ...named })).toEqual([])
  })

  test('refuses a chain that begins nowhere, and one that STS would refuse', () => {
    const chain = { LANYARD_ASSUME_ROLE_ARN: arn('b') }
    expect(problemsOf(chain)).toEqual([])
    const nowhere = {
      LANYARD_ROLE_ARN: undefined,
      LANYARD_CONTAINERS: undefined,
      LANYARD_CONTAINER_ROLES: `a=${arn('a')}`,
    }
    expect(problemsOf({ ...chain, ...nowhere })).toEqual(['SettingInvalid LANYARD_ASSUME_ROLE_ARN'])
    expect(problemsOf({ ...chain, LANYARD_SESSION_DURATION: '3601s' })).toEqual([
      'SettingInvalid LANYARD_SESSION_DURATION',
    ])
    expect(problemsOf({ LANYARD_SESSION_DURATION: '12h' })).toEqual([])
  })
})

describe('planSessions, of a chain', () => {
  const policy = '{"Version":"2012-10-17","Statement":[]}'
  const policyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
  const two = {
    LANYARD_ASSUME_ROLE_ARN: `${arn('b')} ${arn('c')}`,
    LANYARD_ASSUME_ROLE_EXTERNAL_ID: 'customer-42',
    LANYARD_ASSUME_ROLE_TAGS: 'team=checkout cost=a=b',
    LANYARD_SOURCE_IDENTITY: 'checkout',
    LANYARD_SESSION_DURATION: '15m',
    LANYARD_SESSION_POLICY: policy,
    LANYARD_SESSION_POLICY_ARNS: policyArn,
  }
  const roleSessionName = 'shop.web.web-0'

  test('makes each role a session of its own, the first ones first, and narrows the last alone', () => {
    expect(plansOf(two)).toEqual([
      {
        name: 'default/1',
        containers: [],
        hop: { kind: 'identity', request: { roleArn: arn('web'), roleSessionName, durationSeconds: 3600 } },
      },
      {
        name: 'default/2',
        containers: [],
        hop: {
          kind: 'chain',
          from: 'default/1',
          request: {
            roleArn: arn('b'),
            roleSessionName,
            durationSeconds: 3600,
            externalId: 'customer-42',
            sourceIdentity: 'checkout',
          },
        },
      },
      {
        name: 'default',
        containers: ['app', 'proxy'],
        hop: {
          kind: 'chain',
          from: 'default/2',
          request: {
            roleArn: arn('c'),
            roleSessionName,
            durationSeconds: 900,
            policy,
            policyArns: [policyArn],
            externalId: 'customer-42',
            tags: new Map([
              ['team', 'checkout'],
              ['cost', 'a=b'],
            ]),
          },
        },
      },
    ])
  })

  test('of one role sets the source identity and the tags there', () => {
    const [first, last, ...none] = plansOf({ ...two, LANYARD_ASSUME_ROLE_ARN: arn('b') })
    expect(none).toEqual([])
    expect([first?.name, last?.name]).toEqual(['default/1', 'default'])
    expect(last?.hop).toMatchObject({ from: 'default/1', request: { sourceIdentity: 'checkout', policy } })
    expect(last?.hop.request).toHaveProperty('tags')
    expect(Object.keys(first?.hop.request ?? {})).toEqual(['roleArn', 'roleSessionName', 'durationSeconds'])
  })

  test('leaves a container with a role of its own out of it', () => {
    const plans = plansOf({ ...two, LANYARD_CONTAINER_ROLES: `batch=${arn('batch')}` })
    expect(plans.map(({ name, containers, hop }) => [name, containers, hop.kind])).toEqual([
      ['default/1', [], 'identity'],
      ['default/2', [], 'chain'],
      ['default', ['app', 'proxy'], 'chain'],
      ['batch', ['batch'], 'identity'],
    ])
  })

  test('is one chain per container, where the session name tells them apart', () => {
    const plans = plansOf({ ...two, LANYARD_SESSION_NAME: '{pod}.{container}', LANYARD_CONTAINERS: 'app default' })
    expect(plans.map(({ name, containers, hop }) => [name, containers, hop.request.roleSessionName])).toEqual([
      ['app/1', [], 'web-0.app'],
      ['app/2', [], 'web-0.app'],
      ['app', ['app'], 'web-0.app'],
      ['container/default/1', [], 'web-0.default'],
      ['container/default/2', [], 'web-0.default'],
      ['container/default', ['default'], 'web-0.default'],
    ])
    const names = plans.map(({ name }) => name)
    for (const { hop } of plans) if (hop.kind === 'chain') expect(names).toContain(hop.from)
  })

  test('has one session with containers by IMDS, behind the others', () => {
    const plans = plansOf({ ...two, LANYARD_PROTOCOL: 'imds' })
    expect(plans.filter(({ containers }) => containers.length > 0).map(({ name }) => name)).toEqual(['default'])
  })
})
