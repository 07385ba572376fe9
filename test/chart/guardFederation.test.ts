import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type InjectionContext, layout } from '../../src/injection/index.ts'
import { readConfig } from '../../src/settings/index.ts'
import { mutated } from '../support/admitting.ts'
import { gen, type Json } from '../support/gen.ts'
import { only, type Rendered, render, template } from './helm.ts'
import { evaluated } from './policyVariables.ts'
import { setOf } from './sets.ts'

type Variables = ReadonlyMap<string, string>
type Env = readonly { readonly name: string; readonly value?: string }[]
type Made = {
  readonly spec: {
    readonly volumes: readonly { readonly name: string; readonly projected?: { readonly sources: readonly Json[] } }[]
    readonly initContainers: readonly {
      readonly name: string
      readonly command: readonly string[]
      readonly env: Env
      readonly volumeMounts: readonly {
        readonly name: string
        readonly mountPath: string
        readonly readOnly?: boolean
      }[]
    }[]
  }
}

const { text: values } = setOf('federation')
const required = 'config: { permission: { mode: required } }'

async function specOf(text: string, policy: string): Promise<{ variables: readonly Named[]; validations: unknown }> {
  const found = (await render(text)).find(
    ({ kind, metadata }) => kind === 'ValidatingAdmissionPolicy' && metadata.name === `lanyard-guard-${policy}`,
  )
  if (found === undefined) throw new Error(`there is no policy ${policy}`)
  return found['spec'] as { variables: readonly Named[]; validations: unknown }
}
type Named = { readonly name: string; readonly expression: string }
const variablesIn = async (text: string): Promise<Variables> =>
  new Map((await specOf(text, 'pods')).variables.map(({ name, expression }) => [name, expression.trim()]))

/** The literals of records, by the names of their variables. */
const literalsIn = (variables: Variables): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...variables]
      .filter(([name]) => /^(identityProvider|userRole|userProvider)\d+$/.test(name))
      .map(([name, expression]) => [name, JSON.parse(expression) as string]),
  )

/** A list of a variable, before the API server takes from it what is for the namespace. */
function listIn<T>(variables: Variables, name: string): readonly T[] {
  const [list = ''] = (variables.get(name) ?? '').split('.filter(one, ')
  return evaluated(list, literalsIn(variables)) as readonly T[]
}

async function contextFor(namespace: string, text = values): Promise<InjectionContext> {
  const { data } = only(await render(text), 'ConfigMap') as Rendered & { data: Record<string, string> }
  const { values: config, problems } = readConfig('webhook', { file: parse(data['config.yaml'] ?? '') })
  expect(problems).toEqual([])
  return gen.context({}, { namespace, config })
}

const role = 'arn:aws:iam::111122223333:role/team-a'
const made = async (namespace: string, annotations: Readonly<Record<string, string>>, spec: Json = {}): Promise<Made> =>
  mutated(gen.pod({ 'role-arn': role, ...annotations }, spec), await contextFor(namespace)) as unknown as Made
const containerOf = ({ spec }: Made, name: string) => {
  const found = spec.initContainers.find((container) => container.name === name)
  if (found === undefined) throw new Error(`there is no container ${name}`)
  return found
}
const textOf = (env: Env, name: string): string | undefined => env.find((one) => one.name === name)?.value

type Provider = {
  readonly name: string
  readonly namespaces: string
  readonly text: string
  readonly audience: string
  readonly sources: readonly Json[]
  readonly volume: string
}
const written = (volume: string, writer: string): Json => ({
  volumes: [{ name: volume, emptyDir: {} }],
  initContainers: [{ name: writer, image: 'fetch', restartPolicy: 'Always' }],
})

describe('what the guard expects of an identity provider is what the webhook writes', () => {
  test.each<[string, string, Json]>([
    ['client', 'shop', {}],
    ['keyed', 'shop', {}],
    ['exchange', 'team-a', {}],
    ['adfs', 'billing', {}],
    ['assertion', 'billing', written('assertion', 'fetch-assertion')],
    ['written', 'batch', written('identity', 'fetch-identity')],
  ])('%s', async (name, namespace, spec) => {
    const expected = listIn<Provider>(await variablesIn(values), 'providers').find((one) => one.name === name)
    const pod = await made(namespace, { 'identity-provider': name }, spec)
    const { command, env, volumeMounts } = containerOf(pod, layout.SIDECAR)
    expect(command).toEqual(layout.FEDERATED_COMMAND)
    const volumeOf = (volume: string) => pod.spec.volumes.find((one) => one.name === volume)?.projected?.sources
    const token = volumeOf(layout.VOLUMES.identity)?.[0]?.['serviceAccountToken'] as { audience: string } | undefined
    const file = volumeMounts.find(({ mountPath }) => mountPath === layout.PATHS.providerFile)
    expect(file?.readOnly).toBe(file && true)
    expect(expected).toMatchObject({
      text: textOf(env, 'LANYARD_PROVIDER_CONFIG'),
      audience: token?.audience ?? '',
      sources: volumeOf(layout.VOLUMES.provider) ?? [],
      volume: file?.name ?? '',
    })
    expect(namespace).toMatch(new RegExp(expected?.namespaces ?? ' '))
    expect('elsewhere').not.toMatch(new RegExp(name === 'exchange' ? ' ' : (expected?.namespaces ?? '')))
  })

  test('and there are no others', async () => {
    const names = listIn<Provider>(await variablesIn(values), 'providers').map(({ name }) => name)
    expect(names).toEqual(['adfs', 'assertion', 'client', 'exchange', 'keyed', 'written'])
  })

  test('of the mounts', async () => {
    const text = JSON.stringify(await specOf(values, 'pods'))
    expect(text).toContain(`mount.mountPath == '${layout.PATHS.providerFile}' && mount.?readOnly.orValue(false)`)
    expect(text).toContain(JSON.stringify(`"${layout.VOLUMES.provider}":"${layout.PATHS.provider}"`).slice(1, -1))
  })
})

describe("tokens for identity providers are the sidecar's", () => {
  const audiences = ['sts.amazonaws.com', 'exchange', 'https://login.example.com/realms/shop']

  test.each(['pods', 'tokens'])('in the policy %s', async (policy) => {
    const text = (await specOf(values, policy)).variables.map(({ expression }) => expression).join('\n')
    expect(text).toContain(`in ${JSON.stringify(audiences)}`)
    expect(JSON.stringify(await specOf(values, policy))).toContain('AWS or an identity provider')
  })

  test('and nothing is said of them where there are none', async () => {
    expect(JSON.stringify(await specOf(required, 'pods'))).not.toContain('AWS or an identity provider')
    expect((await variablesIn(required)).get('providers')).toBe('[]')
  })

  test('one that is for AWS as well stays so', async () => {
    const shared = `${values.replace('tokenAudience: exchange', 'tokenAudience: sts.amazonaws.com')}`
    const { validations } = await specOf(shared, 'pods')
    expect(JSON.stringify(validations)).toContain(
      JSON.stringify('!(audience in ["https://login.example.com/realms/shop"])').slice(1, -1),
    )
  })
})

describe('what the guard expects of the broker is what the webhook writes', () => {
  type Role = readonly [name: string, text: string, namespaces: string, providers: string]
  const joined = (records: readonly (readonly [string, string, ...string[]])[]): string =>
    `{${records.map(([name, text]) => `"${name}":${text}`).join(',')}}`

  test.each([
    ['shop', ['files', 'readers'], ['amazon', 'corporate', 'google']],
    ['billing', ['readers'], ['amazon', 'corporate']],
  ])('in namespace %s', async (namespace, roleNames, providerNames) => {
    const variables = await variablesIn(values)
    const roles = listIn<Role>(variables, 'userRoles').filter(([, , form]) => new RegExp(form).test(namespace))
    const named = new Set(roles.flatMap(([, , , providers]) => providers.split(' ')))
    const providers = listIn<readonly [string, string]>(variables, 'userProviders').filter(([name]) => named.has(name))
    expect(roles.map(([name]) => name)).toEqual(roleNames)
    expect(providers.map(([name]) => name)).toEqual(providerNames)
    const { command, env, volumeMounts } = containerOf(
      await made(namespace, { 'user-credentials': 'true' }),
      layout.BROKER,
    )
    expect(textOf(env, 'LANYARD_BROKER_ROLES')).toBe(joined(roles))
    expect(textOf(env, 'LANYARD_BROKER_PROVIDERS')).toBe(joined(providers))
    const text = (await specOf(values, 'pods')) as { validations: readonly { expression: string }[] }
    const all = text.validations.map(({ expression }) => expression).join('\n')
    expect(all).toContain(JSON.stringify(command))
    for (const { name, mountPath } of volumeMounts) expect(all).toContain(`"${name}":"${mountPath}"`)
    const pinned = [
      ...all.matchAll(/variables\.brokerEnv\.filter\(one, one\.name == '(\w+)'\)\.map\([^)]*\)\) == \["([^"]*)"\]/g),
    ]
    const others = ['LANYARD_AWS_FIPS', 'LANYARD_AWS_DUAL_STACK', 'LANYARD_OUTBOUND_PROXY', 'LANYARD_OUTBOUND_NO_PROXY']
    expect(pinned.map(([, name]) => name)).toEqual(expect.arrayContaining(others))
    expect(pinned.length).toBeGreaterThanOrEqual(11)
    for (const [, name = '', value] of pinned) expect(textOf(env, name), name).toBe(value)
  })

  test('whatever names and texts are like', async () => {
    const provider = { kind: 'oidc', issuer: 'https://login.example.com', clientIds: ['a&b', '<c>'] }
    const ca = '\r\n-----BEGIN CERTIFICATE-----\r\nMIIB+/=\r\n-----END CERTIFICATE-----\r\n\r\n'
    const sessionPolicy = `\n{"Version": "2012-10-17",\t"Statement": [{"Sid": "<é>&$(X)$$"}]}\n`
    const entry = { kind: 'role', namespaces: 'shop', roleArn: role, providers: '9  10\n1a' }
    const odd = {
      permission: { mode: 'required', defaultRoles: [role] },
      userProviders: { 9: provider, 10: { ...provider, ca }, '1a': { ...provider, requireNonce: false } },
      userRoles: { 2: { ...entry, sessionPolicy }, '1a': entry, 10: { ...entry, sessionDuration: '15m' } },
    }
    const text = JSON.stringify({ config: odd })
    const variables = await variablesIn(text)
    const pod = gen.pod({ 'role-arn': role, 'user-credentials': 'true' })
    const { env } = containerOf(mutated(pod, await contextFor('shop', text)) as unknown as Made, layout.BROKER)
    expect(textOf(env, 'LANYARD_BROKER_ROLES')).toBe(joined(listIn<Role>(variables, 'userRoles')))
    expect(textOf(env, 'LANYARD_BROKER_PROVIDERS')).toBe(
      joined(listIn<readonly [string, string]>(variables, 'userProviders')),
    )
  })

  test('of each of its variables it is known whether the guard holds it', async () => {
    const { env } = containerOf(await made('shop', { 'user-credentials': 'true' }), layout.BROKER)
    const free = ['LOG_LEVEL', 'BROKER_CONTAINERS', 'STS_REGION', 'METRICS_PORT', 'START_GATE_SECONDS']
    const text = JSON.stringify(await specOf(values, 'pods'))
    const loose = env.filter(({ name }) => !text.includes(`'${name}'`) && !text.includes(`\\"${name}\\"`))
    expect(loose.map(({ name }) => name.replace('LANYARD_', '')).sort()).toEqual([...free].sort())
  })

  test('which nobody has where there is no role for users', async () => {
    const { validations } = await specOf(required, 'pods')
    const [found] = (validations as readonly { expression: string; message: string }[]).filter(({ expression }) =>
      expression.includes('variables.brokers'),
    )
    expect(found).toMatchObject({ expression: 'variables.brokers.size() == 0' })
    expect(found?.message).toMatch(/the operator has set up none: leave it out/)
  })

  test.each(['updates', 'debugging', 'sessions'])('and %s are refused it as they are the sidecar', async (policy) => {
    expect(JSON.stringify(await specOf(values, policy))).toContain('in [\\"lanyard\\",\\"lanyard-broker\\"]')
  })
})

test('a provider that no policy can hold is refused, and what to do is said', async () => {
  const metadata = `<EntityDescriptor>${'<a/>'.repeat(8000)}</EntityDescriptor>`
  const { ok, stderr } = await template(
    `config: { permission: { mode: required }, identityProviders: { big: ${JSON.stringify({
      kind: 'saml',
      namespaces: ['shop'],
      source: 'ecp',
      principalArn: 'arn:aws:iam::111122223333:saml-provider/adfs',
      endpoint: 'https://login.example.com/ecp',
      secretName: 'login',
      metadata,
    })} } }`,
  )
  expect(ok).toBe(false)
  expect(stderr).toMatch(/config\.identityProviders\.big is too long for the guard/)
})
