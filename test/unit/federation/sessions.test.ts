import { describe, expect, test } from 'vitest'
import { planSessions, sessionProblems } from '../../../src/federation/index.ts'
import { type PodValues, podEntries, readPodVariables } from '../../../src/settings/index.ts'

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
        request: { roleArn: arn('web'), roleSessionName: 'shop.web.web-0', durationSeconds: 3600 },
      },
    ])
  })

  test('gives a container with a role of its own its own session', () => {
    const changes = { LANYARD_CONTAINER_ROLES: `batch=${arn('a=b,c')} cron=${arn('path/cron')}` }
    expect(plansOf(changes).map(({ name, containers, request }) => [name, containers, request.roleArn])).toEqual([
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
    expect(plans.map(({ name, containers, request }) => [name, containers, request.roleSessionName])).toEqual([
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
    expect(plan?.request).toMatchObject({ policy, policyArns: [policyArn] })
    expect(Object.keys(plansOf()[0]?.request ?? {})).toEqual(['roleArn', 'roleSessionName', 'durationSeconds'])
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

  test('refuses rather than ignores what has no engine yet', () => {
    const later = {
      LANYARD_ASSUME_ROLE_ARN: arn('b'),
      LANYARD_ASSUME_ROLE_EXTERNAL_ID: 'id',
      LANYARD_ASSUME_ROLE_TAGS: 'a=b',
      LANYARD_SOURCE_IDENTITY: 'me',
      LANYARD_IDENTITY_PROVIDER: 'corporate',
    }
    expect(problemsOf(later).sort()).toEqual(
      Object.keys(later)
        .map((name) => `SettingInvalid ${name}`)
        .sort(),
    )
    const known = podEntries.filter(([, { env, later: not }]) => env !== undefined && not !== undefined)
    expect(known.map(([, { env }]) => env).sort()).toEqual(Object.keys(later).sort())
  })
})
