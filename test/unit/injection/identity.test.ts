import { describe, expect, it } from 'vitest'
import { layout } from '../../../src/injection/index.ts'
import { type IdentityProvider, readConfig } from '../../../src/settings/index.ts'
import { denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { containerOf, envOf, listAt, objectAt } from '../../support/tree.ts'
import { CONFIGURATIONS } from './cases.ts'

const { identityProviders } = CONFIGURATIONS.federated
type Declared = Readonly<Record<string, Json>>
const context = (providers: Declared = identityProviders, more: Json = {}) =>
  gen.context({ ...more, identityProviders: providers })
const asks = (name: string, annotations: Readonly<Record<string, string>> = {}, spec: Json = {}): Json =>
  gen.pod({ 'role-arn': ROLE, 'identity-provider': name, ...annotations }, spec)
const writer = gen.container({ name: 'fetch-identity', restartPolicy: 'Always' })
const written = { volumes: [{ name: 'identity', emptyDir: {} }], initContainers: [writer] }
const problemsOf = (pod: Json, of = context()) =>
  denied(pod, of).problems.map(({ code, message }) => `${code}: ${message}`)

const plain = { namespaces: ['shop'], issuer: 'https://login.example.com', stsAudience: 'x', clientId: 'c' }
const keyed = {
  ...plain,
  secretName: 'client',
  secretKey: 'k',
}
const campus = {
  kind: 'saml',
  namespaces: ['shop'],
  principalArn: 'arn:aws:iam::111122223333:saml-provider/c',
  source: 'ecp',
  endpoint: 'https://idp.example.edu/ecp',
  secretName: 'login',
}

/** The token and the volume of the provider in a pod that chose it. */
function needs(provider: Json): { readonly audience: unknown; readonly sources: readonly unknown[] } {
  const pod = mutated(asks('one', {}, written), context({ one: provider }))
  const projected = (name: string): readonly Json[] => {
    const volume = listAt(pod, 'spec', 'volumes').find((one) => one['name'] === name)
    return volume === undefined ? [] : listAt(volume, 'projected', 'sources')
  }
  const [token] = projected(layout.VOLUMES.identity)
  return {
    audience: token && objectAt(token, 'serviceAccountToken')['audience'],
    sources: projected(layout.VOLUMES.provider),
  }
}

describe('what the pod has for its provider', () => {
  const secret = { secret: { name: 'client', items: [{ key: 'k', path: 'secret/k' }] } }
  const login = (...keys: readonly string[]) => ({
    secret: { name: 'login', items: keys.map((key) => ({ key, path: `secret/${key}` })) },
  })
  const assertion = { ...plain, kind: 'oidc-client-credentials' }
  const oidc = { ...keyed, kind: 'oidc-client-credentials' }
  const exchange = { ...keyed, kind: 'token-exchange' }

  it.each<[string, Json, string | undefined, readonly unknown[]]>([
    ['the token as assertion, for the issuer', assertion, 'https://login.example.com', []],
    ['the token, for whom the operator says', { ...assertion, tokenAudience: 'idp' }, 'idp', []],
    ['a private key', { ...oidc, clientAuthentication: 'private-key-jwt' }, undefined, [secret]],
    ['a secret', { ...oidc, clientAuthentication: 'client-secret-basic' }, undefined, [secret]],
    ['a secret in the body', { ...oidc, clientAuthentication: 'client-secret-post' }, undefined, [secret]],
    ['the token as subject', { ...plain, kind: 'token-exchange' }, 'https://login.example.com', []],
    [
      'the token as subject, and a secret',
      { ...exchange, clientAuthentication: 'client-secret-post' },
      'https://login.example.com',
      [secret],
    ],
    ['a user name and a password', campus, undefined, [login('username', 'password')]],
    ['of one key one file', { ...campus, usernameKey: 'both', passwordKey: 'both' }, undefined, [login('both')]],
    [
      'authorities',
      { ...campus, caConfigMap: 'authorities', caConfigMapKey: 'root.pem' },
      undefined,
      [
        login('username', 'password'),
        { configMap: { name: 'authorities', items: [{ key: 'root.pem', path: 'ca/root.pem' }] } },
      ],
    ],
  ])('%s', (_what, provider, audience, sources) => {
    expect(needs(provider)).toEqual({ audience, sources })
  })

  it.each<[string, Json, Readonly<Record<string, string>>, Json, number]>([
    ['the usual life, where the provider says none', {}, {}, {}, 86_400],
    ["the provider's, where that is shorter", { tokenExpiration: '1h' }, {}, {}, 3_600],
    ["the pod's, where that is shorter", { tokenExpiration: '1h' }, { 'token-expiration': '20m' }, {}, 1_200],
    ["the provider's, where the pod's is longer", { tokenExpiration: '1h' }, { 'token-expiration': '2h' }, {}, 3_600],
    [
      "the operator's, where that is shorter",
      { tokenExpiration: '1h' },
      {},
      { 'defaults.tokenExpiration': '30m' },
      1_800,
    ],
  ])('a token of %s', (_what, fields, annotations, settings, seconds) => {
    for (const kind of ['oidc-client-credentials', 'token-exchange']) {
      const of = context({ one: { ...plain, kind, ...fields } }, settings)
      const volumes = listAt(mutated(asks('one', annotations), of), 'spec', 'volumes')
      const [token] = listAt(volumes.find(({ name }) => name === layout.VOLUMES.identity) ?? {}, 'projected', 'sources')
      expect(objectAt(token ?? {}, 'serviceAccountToken')['expirationSeconds']).toBe(seconds)
    }
  })

  it.each(Object.keys(identityProviders))('%s is told to the sidecar as the operator declared it', (name) => {
    const declared = context().config.identityProviders?.get(name) as IdentityProvider
    if (name === 'elsewhere') return expect(declared.namespaces).toEqual(['ops'])
    const pod = mutated(asks(name, {}, written), context())
    const text = String(envOf(pod, layout.SIDECAR)['LANYARD_PROVIDER_CONFIG']).replaceAll('$$', '$')
    const { values, problems } = readConfig('sidecar', { env: { LANYARD_PROVIDER_CONFIG: text } })
    expect(problems.filter(({ field = '' }) => field.startsWith('LANYARD_PROVIDER'))).toEqual([])
    const { namespaces: _, texts: __, ...fields } = declared
    expect(values['provider.config']).toMatchObject(fields)
    expect(values['provider.config']).not.toHaveProperty('namespaces')
  })

  it('runs the program that knows of it, and the plain one where the service account is all', () => {
    const commandOf = (pod: Json) => containerOf(mutated(pod, context()), layout.SIDECAR)['command']
    expect(commandOf(asks('corporate'))).toEqual(layout.FEDERATED_COMMAND)
    expect(commandOf(gen.pod())).toEqual(layout.SIDECAR_COMMAND)
  })
})

describe('a provider is refused', () => {
  it('by the names that the namespace may use, few of them', () => {
    const many = Array.from({ length: 12 }, (_, index) => [`p${index}`, { ...identityProviders.corporate }])
    expect(problemsOf(asks('x'), context(Object.fromEntries(many)))).toEqual([
      'IdentityProviderUnknown: there is no identity provider x; there are p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, …',
    ])
    expect(problemsOf(asks('x'), context({ elsewhere: identityProviders.elsewhere }))).toEqual([
      'IdentityProviderUnknown: there is no identity provider x; namespace shop may use none',
    ])
    expect(problemsOf(asks('x'), gen.context())).toHaveLength(1)
  })

  it('without a word of what it is like, where the namespace may not use it', () => {
    const foreign = { ...identityProviders.written, namespaces: ['ops'] }
    const { problems, warnings } = denied(asks('one', {}, written), context({ one: foreign }))
    expect(problems.map(({ code }) => code)).toEqual(['IdentityProviderNotAllowed'])
    expect(JSON.stringify([problems, warnings])).not.toMatch(/fetch-identity|tokens\.example/)
  })

  it('where its file would be one of ours, or nobody would write it', () => {
    // The configuration lets none through; if it did, it would be noticed here.
    const { config, ...rest } = context()
    const parsed = config.identityProviders?.get('written')
    if (parsed?.kind !== 'file') throw new Error('another kind')
    const providers = new Map([['own', { ...parsed, volume: 'lanyard-state' }]])
    const before = mutated(gen.pod(undefined, written), context())
    const pod = { ...before, metadata: objectAt(asks('own'), 'metadata') }
    expect(problemsOf(pod, { ...rest, config: { ...config, identityProviders: providers } })).toEqual([
      'IdentityFileUnwritten: the identity provider own reads a file, and the pod has no volume lanyard-state',
    ])
    expect(problemsOf(asks('written', {}, { ...written, initContainers: null }))).toEqual([
      'IdentityFileUnwritten: the identity provider written reads a file, and the pod has no init container fetch-identity',
    ])
    const late = { ...written, initContainers: null, containers: [gen.container(), writer] }
    expect(problemsOf(asks('written', {}, late))).toHaveLength(1)
  })

  it('beside an audience or a session name of the pod, not beside those that are said of many', () => {
    expect(problemsOf(asks('corporate', { audience: 'x' }))).toHaveLength(1)
    expect(problemsOf(asks('campus', { 'session-name': 'x' }))).toHaveLength(1)
    const many = { 'lanyard.dev/audience': 'x', 'lanyard.dev/session-name': 'x' }
    const sources = { serviceAccount: { name: 'web', annotations: many }, namespace: many }
    for (const name of ['corporate', 'campus']) {
      const env = envOf(mutated(asks(name), { ...context(), sources }), layout.SIDECAR)
      expect(env['LANYARD_SESSION_NAME']).toBe('x')
    }
  })

  it('where the writer of its file is to get credentials', () => {
    expect(problemsOf(asks('written', { containers: 'fetch-identity app' }, written))[0]).toMatch(
      /^ContainerUnknown: the pod has no container "fetch-identity" that starts after the sidecar/,
    )
  })
})

describe('the writer of the identity', () => {
  it('is told to go on writing, where it would end', () => {
    const once = { ...written, initContainers: [{ ...writer, restartPolicy: undefined }] }
    expect(injected(asks('written', {}, once), context()).warnings[0]).toMatch(
      /^container fetch-identity writes .* ends/,
    )
    expect(injected(asks('written', {}, written), context()).warnings).toEqual([])
  })

  it('stands before the sidecar, also behind a mesh whose proxy is a native sidecar', () => {
    const proxy = gen.container({ name: 'istio-proxy', restartPolicy: 'Always' })
    const first = gen.container({ name: 'first' })
    const inits = [proxy, writer, first]
    const orderOf = (initContainers: readonly Json[]) =>
      listAt(mutated(asks('written', {}, { ...written, initContainers }), context()), 'spec', 'initContainers').map(
        ({ name }) => name,
      )
    expect(orderOf(inits)).toEqual(['istio-proxy', 'fetch-identity', 'lanyard', 'first'])
    expect(orderOf([writer, proxy, first])).toEqual(['fetch-identity', 'istio-proxy', 'lanyard', 'first'])
  })
})
