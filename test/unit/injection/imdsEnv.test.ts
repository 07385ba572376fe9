import { describe, expect, it } from 'vitest'
import { codesOf, denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { containerOf, envOf, listAt } from '../../support/tree.ts'

const withEnv = (...env: readonly unknown[]): Json =>
  gen.pod({ 'role-arn': ROLE, protocol: 'imds' }, { containers: [gen.container({ env })] })
const ENV = {
  AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9797/',
  AWS_METADATA_ENDPOINT: 'http://127.0.0.1:9797',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
}
const appEnv = (pod: Json): Readonly<Record<string, unknown>> => envOf(mutated(pod), 'app')
const reference = { configMapKeyRef: { name: 'aws', key: 'key' } }

describe('by IMDS a variable of the app', () => {
  const verdicts = {
    AWS_ACCESS_KEY_ID: 'deny',
    AWS_SECRET_KEY: 'deny',
    AWS_WEB_IDENTITY_TOKEN_FILE: 'deny',
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: 'deny',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'deny',
    AWS_EC2_METADATA_SERVICE_ENDPOINT: 'deny',
    AWS_METADATA_ENDPOINT: 'deny',
    AWS_ROLE_ARN: 'warn',
    AWS_PROFILE: 'warn',
    AWS_EC2_METADATA_DISABLED: 'warn',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'keep',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'keep',
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'keep',
  }

  it.each(Object.entries(verdicts))('%s: %s, by value or by reference, and never its value', (name, verdict) => {
    for (const variable of [
      { name, value: 'canary-value' },
      { name, valueFrom: reference },
    ]) {
      if (verdict === 'deny') {
        const { problems } = denied(withEnv(variable))
        expect(problems).toMatchObject([{ code: 'EnvWinsOverLanyard', field: 'spec.containers[0].env[0]' }])
        expect(JSON.stringify(problems)).not.toContain('canary')
      } else {
        const { warnings } = injected(withEnv(variable))
        expect(warnings).toHaveLength(verdict === 'warn' ? 1 : 0)
        expect(JSON.stringify(warnings)).not.toContain('canary')
        expect(listAt(containerOf(mutated(withEnv(variable)), 'app'), 'env')).toContainEqual(variable)
      }
    }
  })

  it.each(['true', 'True', 'TRUE', ' true '])('AWS_EC2_METADATA_DISABLED=%s would keep it from asking', (value) => {
    const [problem] = denied(withEnv({ name: 'AWS_EC2_METADATA_DISABLED', value })).problems
    expect(problem?.code).toBe('EnvWinsOverLanyard')
    expect(problem?.fix).toBe('Remove the variable, or lanyard.dev/protocol: "imds".')
  })

  it.each(['false', '0', 'truely', '$(X)'])('AWS_EC2_METADATA_DISABLED=%s keeps some from asking', (value) => {
    const variable = { name: 'AWS_EC2_METADATA_DISABLED', value }
    expect(injected(withEnv(variable)).warnings).toEqual([
      'container app: AWS_EC2_METADATA_DISABLED is set: true keeps every SDK from asking IMDS, and any value some releases of the JavaScript SDK',
    ])
    expect(appEnv(withEnv(variable))).toEqual({ ...ENV, [variable.name]: value })
  })

  it.each(Object.keys(verdicts))('%s is no conflict where it is empty', (name) => {
    for (const variable of [{ name }, { name, value: '' }, { name, value: null }, { name, valueFrom: null }]) {
      expect(injected(withEnv(variable)).warnings).toEqual([])
      expect(appEnv(withEnv(variable))).toMatchObject(ENV)
    }
  })

  it('is told how to go on: a container cannot be taken out', () => {
    const fixes = denied(
      withEnv({ name: 'AWS_ACCESS_KEY_ID', value: 'x' }, { name: 'AWS_METADATA_ENDPOINT', value: 'http://x' }),
    ).problems.map(({ fix }) => fix)
    expect(fixes).toEqual(['Remove the variable.', 'Remove the variable, or lanyard.dev/protocol: "imds".'])
  })
})

describe('an address of IMDS', () => {
  const [name, other] = ['AWS_EC2_METADATA_SERVICE_ENDPOINT', 'AWS_METADATA_ENDPOINT']
  const both = (value: string): readonly Json[] => [name, other].map((of) => ({ name: of, value }))
  const ours = (port: number): readonly Json[] => [
    { name, value: `http://127.0.0.1:${port}/` },
    { name: other, value: `http://127.0.0.1:${port}` },
  ]

  it('of an earlier pass with another port is made anew', () => {
    expect(appEnv(withEnv(...ours(19_797)))).toEqual(ENV)
    expect(appEnv(withEnv({ name: other, value: 'http://127.0.0.1:19797' }))).toEqual(ENV)
  })

  it.each([
    'http://127.0.0.1',
    'http://localhost:9797',
    'https://127.0.0.1:9797',
    'http://127.0.0.1:9797@169.254.169.254',
    'http://169.254.169.254',
    'http://127.0.0.1:$(PORT)',
  ])('%s is another one', (value) => {
    expect(codesOf(withEnv(...both(value)))).toEqual(['EnvWinsOverLanyard', 'EnvWinsOverLanyard'])
    expect(appEnv(gen.podWithEnv(...both(value)))).toMatchObject({ [name]: value, [other]: value })
  })

  it('is left to the app that does not ask for IMDS, unless both of its names say it, as Lanyard does', () => {
    for (const asked of [{}, { mode: 'direct' }]) {
      const pod = (env: readonly Json[]): Json =>
        gen.pod({ 'role-arn': ROLE, ...asked }, { containers: [gen.container({ env })] })
      for (const value of ['http://127.0.0.1:1338', 'http://127.0.0.1:1338/'])
        expect(appEnv(pod(both(value)))).toMatchObject({ [name]: value, [other]: value })
      expect(appEnv(pod(ours(1_338).slice(0, 1)))).toHaveProperty(name)
      expect(appEnv(pod(ours(1_338)))).not.toHaveProperty(name)
      expect(appEnv(pod(ours(1_338)))).not.toHaveProperty(other)
    }
  })

  it('is taken from a container that gets nothing any more', () => {
    const env = ours(9_797)
    const containers = [gen.container({ env }), gen.container({ name: 'helper' })]
    const pod = gen.pod({ 'role-arn': ROLE, protocol: 'imds', containers: 'helper' }, { containers })
    expect(envOf(mutated(pod, gen.context({ 'imds.sharedByPod': true })), 'app')).toEqual({})
  })
})
