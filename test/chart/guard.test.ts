import { describe, expect, test } from 'vitest'
import { layout } from '../../src/injection/index.ts'
import { podEntries, settingsOf, variableOf } from '../../src/settings/index.ts'
import { mutated } from '../support/admitting.ts'
import { gen } from '../support/gen.ts'
import { NAMESPACE, type Rendered, render, template } from './helm.ts'
import { setOf } from './sets.ts'

type Validation = { readonly expression: string; readonly message: string; readonly reason: string }
type Policy = {
  readonly failurePolicy: string
  readonly matchConstraints: { readonly namespaceSelector?: object; readonly resourceRules: readonly object[] }
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[]
  readonly variables?: readonly { readonly name: string; readonly expression: string }[]
  readonly validations: readonly Validation[]
}

const { text: guarded } = setOf('guard')
const required = 'config: { permission: { mode: required } }'
const POLICIES = ['debugging', 'pods', 'sessions', 'tokens', 'updates']

const guardOf = (objects: readonly Rendered[], kind = 'ValidatingAdmissionPolicy'): readonly Rendered[] =>
  objects.filter((object) => object.kind === kind && object.metadata.name.includes('-guard-'))
const policyIn = async (values: string, name: string): Promise<Policy> => {
  const found = guardOf(await render(values)).find(({ metadata }) => metadata.name === `lanyard-guard-${name}`)
  if (found === undefined) throw new Error(`there is no policy ${name}`)
  return found['spec'] as Policy
}
const expressionsOf = async (values: string, name: string): Promise<string> => {
  const { variables = [], validations } = await policyIn(values, name)
  return [...variables, ...validations].map(({ expression }) => expression).join('\n')
}

describe('the guard is there', () => {
  test.each(['', 'config: { permission: { mode: whenPresent } }', setOf('unguarded').text])(
    'not with %j',
    async (values) => {
      expect(guardOf(await render(values))).toEqual([])
    },
  )

  test('where a role must be permitted, each policy bound, to deny', async () => {
    const objects = await render(required)
    expect(
      guardOf(objects)
        .map(({ metadata }) => metadata.name)
        .sort(),
    ).toEqual(POLICIES.map((name) => `lanyard-guard-${name}`))
    for (const { metadata, spec } of guardOf(objects, 'ValidatingAdmissionPolicyBinding'))
      expect(spec).toEqual({ policyName: metadata.name, validationActions: ['Deny'] })
    expect(guardOf(objects, 'ValidatingAdmissionPolicyBinding')).toHaveLength(POLICIES.length)
  })

  test.each(POLICIES)('%s fails closed, where the operator says, and for all but whom they exempt', async (name) => {
    const { failurePolicy, matchConstraints, matchConditions } = await policyIn(guarded, name)
    expect(failurePolicy).toBe('Fail')
    expect(matchConstraints.namespaceSelector).toEqual({
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system'] }],
    })
    const exempt = matchConditions.find((condition) => condition.name === 'not-exempt')?.expression
    expect(exempt).toContain('["system:serviceaccount:external-secrets:external-secrets"]')
    expect(exempt).toContain('["platform-administrators"]')
    expect((await policyIn(required, name)).matchConstraints).not.toHaveProperty('namespaceSelector')
  })

  test.each(POLICIES)('%s says in a line what to do instead', async (name) => {
    for (const { message, reason } of (await policyIn(required, name)).validations) {
      expect(message).toMatch(/^[a-z][^\n]{40,}$/)
      expect(message).toMatch(/: |, since /)
      expect(reason).toBe('Forbidden')
    }
  })
})

describe('what the values say', () => {
  test.each([
    ['pods', ['"sts.amazonaws.com"', '"example-audience"', '31000', 'mirror\\\\.example\\\\.com/lanyard:[^/]*$']],
    ['pods', ['"https://sts.example.com"', '"https://sts.example.org"', 'MIIBszCCAVmgAwIBAgIUEXAMPLE']],
    ['pods', ['arn:aws:iam::111122223333:role/team-* arn:aws:iam::111122223333:role/shared']],
    ['tokens', ['"sts.amazonaws.com"', '"example-audience"']],
    ['updates', ['mirror\\\\.example\\\\.com/lanyard:[^/]*$']],
    ['debugging', ['31000']],
  ])('is in the policy %s: %j', async (name, parts) => {
    const text = await expressionsOf(guarded, name)
    for (const part of parts) expect(text).toContain(part)
  })

  test('the audience of the identity token is guarded, whatever the list says', async () => {
    const values = 'config: { permission: { mode: required }, defaults: { audience: mine } }\nguard: { audiences: [] }'
    for (const name of ['pods', 'tokens']) expect(await expressionsOf(values, name)).toContain('in ["mine"]')
  })

  test('the session name is held to where pods may not choose it', async () => {
    expect(await expressionsOf(guarded, 'pods')).toContain('{namespace}.{serviceaccount}.{pod}')
    expect(await expressionsOf(required, 'pods')).not.toContain('{serviceaccount}')
  })

  test.each(["arn:aws:iam::111122223333:role/a'b", '*', 'foo'])(
    'a pattern that is none is refused: %s',
    async (word) => {
      const values = `config: { permission: { mode: required, defaultRoles: ["arn:aws:iam::111122223333:role/ok", ${JSON.stringify(word)}] } }`
      const { ok, stderr } = await template(values)
      expect(ok).toBe(false)
      expect(stderr).toContain(`config.permission.defaultRoles has ${word}, which is no ARN`)
    },
  )

  test.each([
    [
      'config: { permission: { mode: required }, sources: { enabled: false } }',
      /config\.sources\.enabled false.*set it to true/,
    ],
    [
      'guard: { audiences: ["https://kubernetes.default.svc.cluster.local"] }',
      /guard\.audiences has https.*API server's own/,
    ],
    [`${required}\nstsCa: { configMap: sts-ca }`, /stsCa\.configMap is set, and the guard.*set stsCa\.pem/],
    ['stsCa: { configMap: sts-ca, pem: PEM }', /stsCa\.configMap and stsCa\.pem are both set/],
  ])('%s is refused', async (values, words) => {
    const { ok, stderr } = await template(values)
    expect(ok).toBe(false)
    expect(stderr).toMatch(words)
  })
})

describe('the code and the guard mean the same', () => {
  type Sidecar = {
    readonly command: readonly string[]
    readonly env: readonly { name: string; valueFrom?: { fieldRef: { fieldPath: string } } }[]
    readonly lifecycle: { postStart: { exec: { command: readonly string[] } } }
    readonly volumeMounts: readonly { name: string; mountPath: string }[]
  }
  const { spec } = mutated(gen.pod()) as unknown as { spec: { initContainers: [Sidecar] } }
  const [sidecar] = spec.initContainers

  test.each<[string, unknown]>([
    ['command', sidecar.command],
    ['command of pods with an identity provider or a chain', layout.FEDERATED_COMMAND],
    ["start gate's command", sidecar.lifecycle.postStart.exec.command],
    [
      'variables that kubelet fills in',
      Object.fromEntries(
        sidecar.env
          .filter(({ valueFrom }) => valueFrom !== undefined)
          .toSorted((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name, valueFrom }) => [name, valueFrom?.fieldRef.fieldPath]),
      ),
    ],
  ])('of the %s', async (_, part) => {
    expect(await expressionsOf(required, 'pods')).toContain(JSON.stringify(part))
  })

  test('of every mount', async () => {
    const text = await expressionsOf(required, 'pods')
    for (const { name, mountPath } of sidecar.volumeMounts) expect(text).toContain(`"${name}":"${mountPath}"`)
  })

  test('of every volume', async () => {
    const texts = `${await expressionsOf(required, 'pods')}\n${await expressionsOf(required, 'debugging')}`
    for (const name of Object.values(layout.VOLUMES)) expect(texts).toContain(name)
  })

  /** Variables of the sidecar that decide whose credentials there are, or who is sent its token. */
  const HELD = [
    ...['ROLE_ARN', 'CONTAINER_ROLES', 'ASSUME_ROLE_ARN', 'STS_ENDPOINT', 'STS_CA', 'SESSION_NAME'],
    ...['IDENTITY_PROVIDER', 'PROVIDER_CONFIG', 'AWS_FIPS', 'AWS_DUAL_STACK', 'OUTBOUND_PROXY', 'OUTBOUND_NO_PROXY'],
  ]
  /** Those that a forger may not set to anything else than the webhook, or the default, does. */
  const PLACES = [
    ...['IDENTITY_TOKEN_FILE', 'ENDPOINT_TOKENS_DIRECTORY', 'STATE_DIRECTORY', 'TERMINATION_LOG'],
    ...['PROVIDER_DIRECTORY', 'PROVIDER_FILE_DIRECTORY'],
  ]
  /** Those that a forger may set as they like: within the roles that are permitted they only change the pod itself. */
  const FREE = [
    ...['CONTAINERS', 'PROTOCOL', 'AUDIENCE', 'SESSION_DURATION', 'SESSION_POLICY', 'SESSION_POLICY_ARNS'],
    ...['ASSUME_ROLE_EXTERNAL_ID', 'ASSUME_ROLE_TAGS', 'SOURCE_IDENTITY', 'REGION'],
    ...['CREDENTIALS_PORT', 'METRICS_PORT', 'LOG_LEVEL', 'START_GATE_SECONDS'],
  ]

  test('of every variable it is known whether the guard holds it', async () => {
    const downward = ['POD_NAME', 'POD_NAMESPACE', 'POD_UID', 'POD_SERVICE_ACCOUNT']
    const all = [
      ...podEntries.flatMap(([, { env }]) => (env === undefined ? [] : [env])),
      ...settingsOf('sidecar').map(([key]) => variableOf(key)),
    ]
    expect(all.toSorted()).toEqual(
      [...HELD, ...PLACES, ...FREE, ...downward].map((name) => `LANYARD_${name}`).toSorted(),
    )
    const text = await expressionsOf(guarded, 'pods')
    for (const name of HELD) expect(text).toMatch(new RegExp(`['"]LANYARD_${name}['"]`))
    for (const name of PLACES) expect(text).toContain(`"LANYARD_${name}":"/`)
  })
})

test('the policies are for the whole cluster, whatever the namespace of the release', async () => {
  for (const { spec, metadata } of guardOf(await render(required))) {
    expect(metadata.namespace).toBeUndefined()
    expect(JSON.stringify(spec)).not.toContain(NAMESPACE)
  }
})
