import { describe, expect, it } from 'vitest'
import { layout } from '../../../src/injection/index.ts'
import { readConfig } from '../../../src/settings/index.ts'
import { denied, injected, mutated } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { containerOf, envOf, listAt } from '../../support/tree.ts'
import { CONFIGURATIONS } from './cases.ts'

const asks = (annotations: Readonly<Record<string, string>> = {}, spec: Json = {}): Json =>
  gen.pod({ 'role-arn': ROLE, 'user-credentials': 'true', ...annotations }, spec)
const context = (settings: Json = {}) => gen.context({ ...CONFIGURATIONS.federated, ...settings })

/** What the broker's process reads of what it is told. */
function told(pod: Json, of = context()) {
  const env = Object.entries(envOf(mutated(pod, of), layout.BROKER)).map(
    ([name, value]) => [name, String(value).replaceAll('$$', '$')] as const,
  )
  return readConfig('broker', { env: { ...Object.fromEntries(env), LANYARD_POD_NAMESPACE: 'shop' } })
}

describe('what the broker is told', () => {
  it('is whole, of the roles of the namespace and of their providers alone', () => {
    const { values, problems } = told(asks())
    expect(problems).toEqual([])
    expect([...values['broker.roles'].keys()]).toEqual(['files'])
    expect([...values['broker.providers'].keys()]).toEqual(['company', 'google'])
    const [operator, own] = [context().config.userRoles?.get('files'), values['broker.roles'].get('files')]
    // Whoever else has the role is not this pod's business.
    expect(own).toEqual({ ...operator, texts: own?.texts, namespaces: undefined })
    expect(JSON.stringify(own?.texts)).not.toContain('namespaces')
    expect(values).toMatchObject({
      'broker.port': 9799,
      'broker.metricsPort': 9800,
      'broker.containers': ['app'],
      'broker.tokensDirectory': layout.PATHS.broker,
      'sts.region': 'eu-west-1',
      'aws.dualStack': true,
      'outbound.proxy': 'http://proxy.example.com:3128',
    })
  })

  it("is the operator's limits, and the pod's server", () => {
    const limits = {
      'userCredentials.port': 9901,
      'userCredentials.metricsPort': 9902,
      'userCredentials.requestsPerMinute': 7,
      'userCredentials.requestsPerSecond': 8,
      'userCredentials.cacheEntries': 9,
      'aws.dualStack': false,
    }
    const { values } = told(asks({ 'sts-endpoint': 'https://rgw.example.com', region: 'us-west-2' }), context(limits))
    expect(values).toMatchObject({
      'broker.port': 9901,
      'broker.metricsPort': 9902,
      'broker.requestsPerMinute': 7,
      'broker.requestsPerSecond': 8,
      'broker.cacheEntries': 9,
      'sts.region': 'us-west-2',
      'sts.endpoint': 'https://rgw.example.com',
    })
  })

  it("is nothing of the pod's own identity", () => {
    const broker = containerOf(mutated(asks(), context()), layout.BROKER)
    expect(listAt(broker, 'volumeMounts').map(({ name }) => name)).toEqual(['lanyard-broker', 'lanyard-no-api-token'])
    const references = listAt(broker, 'env').filter(({ valueFrom }) => valueFrom !== undefined)
    expect(references.map(({ name }) => name)).toEqual(['LANYARD_POD_NAMESPACE'])
    expect(Object.keys(envOf(mutated(asks(), context()), layout.BROKER)).join()).not.toMatch(/ROLE_ARN|IDENTITY|STATE/)
  })

  it('is not more than a variable holds', () => {
    const policy = `{"Statement":"${'$'.repeat(1800)}"}`
    const role = { kind: 'role', namespaces: ['shop'], providers: ['google'], roleArn: ROLE, sessionPolicy: policy }
    const roles = (count: number): Json =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, role]))
    expect(told(asks(), context({ userRoles: roles(30) })).problems).toEqual([])
    const { problems } = denied(asks(), context({ userRoles: roles(40) }))
    expect(problems.map(({ code, fix }) => [code, fix])).toEqual([
      ['UserCredentialsNotAvailable', 'Ask the operator to shorten it.'],
    ])
    expect(problems[0]?.message).toMatch(/^what the operator has set up for namespace shop has 15\d{4} bytes/)
  })
})

describe('the gate of the broker', () => {
  it.each(['postStart', 'startupProbe'])('is that of the sidecar, at its own port: %s', (gate) => {
    const pod = mutated(asks(), context({ 'sidecar.startGate': gate }))
    const [broker, sidecar] = [containerOf(pod, layout.BROKER), containerOf(pod, layout.SIDECAR)]
    expect(broker['lifecycle']).toEqual(sidecar['lifecycle'])
    const { LANYARD_METRICS_PORT: port, LANYARD_START_GATE_SECONDS: seconds } = envOf(pod, layout.BROKER)
    expect([port, seconds]).toEqual(['9800', '28'])
    if (gate === 'startupProbe') expect(broker).toMatchObject({ startupProbe: { httpGet: { port: 9800 } } })
    expect(injected(defaulted(pod), context({ 'sidecar.startGate': gate })).patch).toEqual([])
  })
})

describe('a container that may ask the broker', () => {
  const containers = [gen.container(), gen.container({ name: 'helper' })]

  it('is one that gets credentials, and no other', () => {
    const pod = mutated(asks({ containers: 'helper' }, { containers }), context())
    expect(Object.keys(envOf(pod, 'helper'))).toEqual(expect.arrayContaining([...layout.USER_VARIABLES]))
    expect(containerOf(pod, 'app')).toEqual(gen.container())
  })

  it('has no proxy between it and the broker, and no old address of it', () => {
    const env = [
      { name: 'HTTP_PROXY', value: 'http://p' },
      { name: 'LANYARD_USER_CREDENTIALS_URL', value: 'http://evil.example.com' },
      { name: 'LANYARD_USER_CREDENTIALS_TOKEN_FILE', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
    ]
    const pod = mutated(asks({}, { containers: [gen.container({ env })] }), context())
    expect(envOf(pod, 'app')).toMatchObject({
      NO_PROXY: '127.0.0.1',
      LANYARD_USER_CREDENTIALS_URL: 'http://127.0.0.1:9799/v1/user-credentials',
      LANYARD_USER_CREDENTIALS_TOKEN_FILE: layout.USER_TOKEN_FILE,
    })
    const { names } = { names: listAt(containerOf(pod, 'app'), 'env').map(({ name }) => name) }
    expect(new Set(names).size).toBe(names.length)
  })

  it('loses address and mount where nobody asks any more', () => {
    const before = mutated(asks(), context())
    const pod = { ...before, metadata: gen.pod()['metadata'] }
    const { command: _, ...after } = containerOf(mutated(pod, context()), 'app')
    expect(after).toEqual(containerOf(mutated(gen.pod(), context()), 'app'))
    expect(() => containerOf(mutated(pod, context()), layout.BROKER)).toThrow()
  })
})

describe('the broker is refused', () => {
  const problemsOf = (pod: Json, settings: Json = {}) =>
    denied(pod, context(settings)).problems.map(({ code, message }) => `${code}: ${message}`)

  it.each([
    ['credentials-port', '9799', 9799],
    ['metrics-port', '9800', 9800],
  ] as const)('where %s is its own', (annotation, value, port) => {
    expect(problemsOf(asks({ [annotation]: value }))).toEqual([
      `AnnotationsConflict: the broker needs the port ${port}, which the sidecar has here`,
    ])
  })

  it('where the operator gave it one port for both', () => {
    expect(problemsOf(asks(), { 'userCredentials.metricsPort': 9799 })).toEqual([
      'UserCredentialsNotAvailable: the operator gave the broker the port 9799 for both of its servers',
    ])
  })

  it('where no role of users is for the namespace', () => {
    const { admin } = CONFIGURATIONS.federated.userRoles
    expect(problemsOf(asks(), { userRoles: { admin } })).toEqual([
      'UserCredentialsNotAvailable: the operator has set up no role for users of apps in namespace shop',
    ])
    expect(injected(asks({ 'user-credentials': 'false' }), gen.context()).kind).toBe('inject')
  })
})
