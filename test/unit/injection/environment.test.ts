import { describe, expect, it } from 'vitest'
import { codesOf, denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { containerOf, envOf, listAt } from '../../support/tree.ts'

const OURS = {
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9797/v1/credentials',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/secrets/lanyard.dev/token',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_EC2_METADATA_DISABLED: 'true',
}
const reference = { secretKeyRef: { name: 'secret', key: 'key' } }
const appEnv = (env: readonly unknown[], settings: Json = {}): Readonly<Record<string, unknown>> =>
  envOf(mutated(gen.podWithEnv(...env), gen.context(settings)), 'app')

describe('the variables of an app', () => {
  it('are the endpoint, the region and no IMDS', () => {
    expect(appEnv([])).toEqual(OURS)
  })

  it('name no region where nobody said one', () => {
    const { AWS_REGION, AWS_DEFAULT_REGION, ...rest } = OURS
    expect(appEnv([], { 'aws.region': null })).toEqual(rest)
  })

  it.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])('leave the region to the app that sets %s', (name) => {
    const { AWS_REGION, AWS_DEFAULT_REGION, ...rest } = OURS
    expect(appEnv([{ name, value: 'ap-south-1' }])).toEqual({ ...rest, [name]: 'ap-south-1' })
    expect(appEnv([{ name, valueFrom: reference }])).toEqual({ ...rest, [name]: undefined })
  })

  it('keep what the app says about IMDS', () => {
    expect(appEnv([{ name: 'AWS_EC2_METADATA_DISABLED', value: 'false' }])).toEqual({
      ...OURS,
      AWS_EC2_METADATA_DISABLED: 'false',
    })
  })
})

describe('a variable without a value', () => {
  const names = [
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    'AWS_ROLE_ARN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
  ]

  it.each(names)('%s, as YAML spells none, is as good as absent, be it beside ours', (name) => {
    const tokens = [
      { name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', value: OURS.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/lanyard.dev/identity/token' },
    ]
    for (const others of [[], tokens]) {
      const pod = gen.podWithEnv({ name, value: null }, ...others)
      expect(injected(pod).warnings).toEqual([])
      expect(envOf(mutated(pod), 'app')).toMatchObject(OURS)
    }
  })
})

describe('variables that win over ours', () => {
  const verdicts = {
    AWS_ACCESS_KEY_ID: 'deny',
    AWS_SECRET_ACCESS_KEY: 'deny',
    AWS_SESSION_TOKEN: 'deny',
    AWS_WEB_IDENTITY_TOKEN_FILE: 'deny',
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: 'deny',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'deny',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'deny',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'deny',
    AWS_ROLE_ARN: 'warn',
    AWS_PROFILE: 'warn',
    AWS_DEFAULT_PROFILE: 'warn',
    AWS_CONFIG_FILE: 'warn',
    AWS_SHARED_CREDENTIALS_FILE: 'warn',
    aws_access_key_id: 'keep',
    AWS_ROLE_SESSION_NAME: 'keep',
    constructor: 'keep',
  }
  const rows = Object.entries({ ...verdicts, ['__proto__']: 'keep' })

  it.each(rows)('%s: %s, by value or by reference, and never its value', (name, verdict) => {
    for (const variable of [
      { name, value: 'canary-value' },
      { name, valueFrom: reference },
    ]) {
      const pod = gen.podWithEnv({ name: 'BEFORE', value: '1' }, variable)
      if (verdict === 'deny') {
        const [problem, ...more] = denied(pod).problems
        expect(problem).toMatchObject({ code: 'EnvWinsOverLanyard', field: 'spec.containers[0].env[1]' })
        expect(problem?.message).toContain(`${name} is set`)
        expect(more).toEqual([])
        expect(JSON.stringify(problem)).not.toContain('canary')
      } else {
        const { warnings } = injected(pod)
        expect(warnings).toHaveLength(verdict === 'warn' ? 1 : 0)
        expect(JSON.stringify(warnings)).not.toContain('canary')
        expect(listAt(containerOf(mutated(pod), 'app'), 'env')).toContainEqual(variable)
      }
    }
  })

  it.each(rows)('%s is no conflict where it is empty, however that is written', (name) => {
    for (const variable of [{ name }, { name, value: '' }, { name, value: null }, { name, valueFrom: null }]) {
      expect(injected(gen.podWithEnv(variable)).warnings).toEqual([])
    }
  })

  it.each(['AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'])(
    'an empty %s gives way to ours',
    (name) => {
      for (const variable of [{ name }, { name, value: '' }]) expect(appEnv([variable])).toEqual(OURS)
    },
  )

  it('are only warned about where the operator chose so', () => {
    const keys = [
      { name: 'AWS_ACCESS_KEY_ID', value: 'canary' },
      { name: 'AWS_SESSION_TOKEN', value: 'canary' },
    ]
    const { warnings } = injected(gen.podWithEnv(...keys), gen.context({ 'env.staticKeys': 'warn' }))
    expect(warnings).toEqual([
      'container app: AWS_ACCESS_KEY_ID is set: every SDK prefers static keys',
      'container app: AWS_SESSION_TOKEN is set: every SDK prefers static keys',
    ])
  })

  it('do not matter in containers that get nothing', () => {
    const other = gen.container({ name: 'other', env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'x' }] })
    const pod = gen.pod({ 'role-arn': ROLE, containers: 'app' }, { containers: [gen.container(), other] })
    expect(containerOf(mutated(pod), 'other')).toEqual(other)
  })

  it('are looked for in init containers too', () => {
    const init = gen.container({ name: 'init', env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'x' }] })
    const { problems } = denied(gen.pod(undefined, { initContainers: [init] }))
    expect(problems.map(({ field }) => field)).toEqual(['spec.initContainers[0].env[0]'])
  })

  it.each([
    'http://127.0.0.1:9797/v1/credentials?x',
    'http://127.0.0.1/v1/credentials',
    'https://127.0.0.1:9797/v1/credentials',
    'http://169.254.170.2/v1/credentials',
  ])('%s is not one of ours', (value) => {
    expect(codesOf(gen.podWithEnv({ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value }))).toEqual([
      'EnvWinsOverLanyard',
    ])
  })
})

describe('NO_PROXY', () => {
  const proxy = { name: 'HTTPS_PROXY', value: 'http://proxy:3128' }
  const noProxyOf = (value: string | null | undefined): unknown =>
    appEnv([proxy, value === undefined ? { name: 'no_proxy' } : { name: 'no_proxy', value }])['no_proxy']

  it.each([
    ['localhost', 'localhost,127.0.0.1'],
    ['127.0.0.10', '127.0.0.10,127.0.0.1'],
    ['a, 127.0.0.1 ,b', 'a, 127.0.0.1 ,b'],
    ['127.0.0.1', '127.0.0.1'],
    ['*', '*'],
    ['*.example.com', '*.example.com,127.0.0.1'],
    ['', '127.0.0.1'],
    ['  ', '127.0.0.1'],
    [undefined, '127.0.0.1'],
    [null, '127.0.0.1'],
    ['$(OTHER)', '$(OTHER),127.0.0.1'],
  ])('%j becomes %j', (before, after) => {
    expect(noProxyOf(before)).toBe(after)
  })

  it.each(['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])(
    'is added where %s is set and it is not',
    (name) => {
      expect(appEnv([{ name, value: 'http://proxy' }])['NO_PROXY']).toBe('127.0.0.1')
    },
  )

  it('is left alone without a proxy, or by reference', () => {
    expect(appEnv([{ name: 'NO_PROXY', value: 'a' }])['NO_PROXY']).toBe('a')
    expect(appEnv([])).not.toHaveProperty('NO_PROXY')
    const byReference = { name: 'NO_PROXY', valueFrom: reference }
    expect(listAt(containerOf(mutated(gen.podWithEnv(proxy, byReference)), 'app'), 'env')).toContainEqual(byReference)
  })

  it('is changed where it stands, and keeps what else is in it', () => {
    const env = [proxy, { name: 'NO_PROXY', value: 'a', future: { x: 1 } }, { name: 'LAST', value: '1' }]
    const after = listAt(containerOf(mutated(gen.podWithEnv(...env)), 'app'), 'env')
    expect(after[1]).toEqual({ name: 'NO_PROXY', value: 'a,127.0.0.1', future: { x: 1 } })
    expect(after[2]).toEqual({ name: 'LAST', value: '1' })
  })
})
