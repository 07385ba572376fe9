import fc from 'fast-check'
import type { Sources } from '../../src/injection/index.ts'
import { type Json, OTHER_ROLE, ROLE } from './gen.ts'

/** What no message may ever repeat. */
export const CANARY = 'canary-3f8f9a52'

const label = fc.stringMatching(/^[a-z]([a-z0-9]{0,6})$/)
const awkward = fc.constantFrom('~', '/', '~1', 'a/b~c', '__proto__', 'constructor', '', '0', '☃')
const something = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, '', 0, [], {}, [{ '~1/': [null] }], { a: { '': false } }) },
  fc.jsonValue({ maxDepth: 1 }),
)
/** Keys that no Kubernetes knows, with anything in them. */
const unknownFields = fc.dictionary(
  fc.oneof(awkward, label).map((name) => `x-${name}`),
  something,
  { maxKeys: 2 },
)

const variableName = fc.oneof(
  label,
  fc.constantFrom('HTTP_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'AWS_REGION', 'AWS_PROFILE', 'AWS_ROLE_ARN'),
  fc.constantFrom('AWS_EC2_METADATA_DISABLED', 'AWS_DEFAULT_REGION'),
)
const winner = fc.constantFrom(
  'AWS_ACCESS_KEY_ID',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
)
const value = fc.oneof(
  fc.record({ value: fc.oneof(fc.constant(`${CANARY}$(X)`), fc.constant(''), fc.constant(`${CANARY},127.0.0.1`)) }),
  fc.record({ valueFrom: fc.constant({ secretKeyRef: { name: CANARY, key: CANARY } }) }),
  fc.constant({}),
)
const variable = (name: fc.Arbitrary<string>): fc.Arbitrary<Json> =>
  fc.tuple(name, value, unknownFields).map(([of, holding, rest]) => ({ name: of, ...holding, ...rest }))

const absentOr = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof({ weight: 5, arbitrary }, fc.constant(null), fc.constant(undefined))

const mount = fc.tuple(fc.constantFrom('/data', '/var/run', '/etc/x~y'), fc.boolean(), unknownFields)
const quantity = fc.constantFrom('100m', '1', 2, '64Mi', '.5', '1e3', '0')
const resources = fc.record(
  {
    requests: fc.record({ cpu: quantity, memory: quantity }, { requiredKeys: [] }),
    limits: fc.record({ cpu: quantity, memory: quantity, 'a.com/gpu': quantity }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)

/** A container without a name; `conflicts` lets in the variables that win over ours. */
const anonymous = (conflicts: boolean): fc.Arbitrary<Json> =>
  fc
    .record(
      {
        image: fc.constant('registry.example.com/app:1'),
        env: absentOr(fc.array(variable(conflicts ? fc.oneof(variableName, winner) : variableName), { maxLength: 4 })),
        volumeMounts: absentOr(
          fc.array(
            mount.map(([mountPath, isWritable, rest]) => ({
              name: 'data',
              mountPath,
              readOnly: !isWritable && mountPath !== '/var/run',
              ...rest,
            })),
            { maxLength: 2 },
          ),
        ),
        ports: absentOr(fc.constant([{ containerPort: 8080 }])),
        resources: absentOr(resources),
        envFrom: absentOr(fc.constant([{ secretRef: { name: 'other' } }])),
      },
      { requiredKeys: ['image'] },
    )
    .chain((fields) => unknownFields.map((rest) => ({ ...rest, ...fields })))

const names = ['app', 'init', 'helper', 'istio-proxy', 'istio-init', 'linkerd-proxy', 'web', 'db'] as const

const annotations = fc.record(
  {
    'lanyard.dev/session-duration': fc.constantFrom('15m', '1h', '12h'),
    'lanyard.dev/region': fc.constantFrom('eu-west-1', 'us-east-2'),
    'lanyard.dev/container-roles': fc.constant(`app=${OTHER_ROLE}`),
    'lanyard.dev/containers': fc.constantFrom('app', 'app web'),
    'lanyard.dev/sidecar-memory-limit': fc.constantFrom('100Mi', '1Gi'),
    'lanyard.dev/identity-provider': fc.constantFrom('assertion', 'keyed', 'written'),
    'lanyard.dev/assume-role-arn': fc.constantFrom(OTHER_ROLE, `${OTHER_ROLE} ${ROLE}$(X)$`),
    'lanyard.dev/user-credentials': fc.constantFrom('true', 'false'),
    'example.com/a~b': fc.string(),
    ['__proto__']: fc.string(),
  },
  { requiredKeys: [] },
)

const anybody = {
  kind: 'oidc-client-credentials',
  namespaces: ['*'],
  issuer: 'https://login.example.com',
  stsAudience: 'a',
}
/** What those pods may choose: the operator's settings that they need. */
export const FEDERATION: Json = {
  identityProviders: {
    assertion: anybody,
    keyed: { ...anybody, clientAuthentication: 'private-key-jwt', clientId: 'c', secretName: 's', secretKey: 'k' },
    written: {
      kind: 'file',
      namespaces: ['*'],
      issuer: anybody.issuer,
      stsAudience: 'a',
      volume: 'data',
      path: 'token',
      writer: 'init',
    },
  },
  userProviders: { google: { kind: 'google', clientIds: ['$(X)$'] } },
  userRoles: { files: { kind: 'role', namespaces: ['*'], providers: ['google'], roleArn: ROLE } },
}

/** What goes together: a chain and an hour, a written identity and who writes it where. */
function reconciled(of: Readonly<Record<string, string>>, spec: Json, inits: readonly Json[]): Record<string, string> {
  const { 'lanyard.dev/identity-provider': provider, ...others } = of
  const isChained = of['lanyard.dev/assume-role-arn'] !== undefined
  const isWritten = Array.isArray(spec['volumes']) && inits.some(({ name }) => name === 'init')
  return {
    ...others,
    ...(provider !== undefined &&
      (provider !== 'written' || isWritten) && { 'lanyard.dev/identity-provider': provider }),
    ...(isChained && of['lanyard.dev/session-duration'] === '12h' && { 'lanyard.dev/session-duration': '30m' }),
  }
}

type Options = { readonly conflicts?: boolean }

/** Pods that an API server could send, mostly: `app` is always there, other names are unique. */
export function arbitraryPod({ conflicts = false }: Options = {}): fc.Arbitrary<Json> {
  const body = anonymous(conflicts)
  const named = fc.record({ name: fc.constantFrom(...names.filter((name) => name !== 'app')), body })
  const others = fc.uniqueArray(named, { selector: ({ name }) => name, maxLength: 6 })
  const spec = fc.record(
    {
      volumes: absentOr(fc.constant([{ name: 'data', emptyDir: {}, 'new~/': [null] }])),
      resources: absentOr(resources),
      terminationGracePeriodSeconds: absentOr(fc.nat(100)),
      shareProcessNamespace: absentOr(fc.constant(false)),
    },
    { requiredKeys: [] },
  )
  const parts = fc.record({
    others,
    body,
    spec,
    annotations,
    unknownFields,
    more: unknownFields,
    split: fc.nat(6),
    native: fc.boolean(),
  })
  return parts.map(({ others: more, body: app, split, native, ...of }) => {
    const containers = more.map(({ name, body: fields }) => ({ ...fields, name }))
    const inits = containers.slice(0, split)
    const restarting = inits.map((one) =>
      native && one.name.endsWith('proxy') ? { ...one, restartPolicy: 'Always' } : one,
    )
    return {
      ...of.unknownFields,
      metadata: {
        ...of.more,
        annotations: { ...reconciled(of.annotations, of.spec, inits), 'lanyard.dev/role-arn': ROLE },
      },
      spec: {
        ...of.spec,
        ...of.more,
        initContainers: inits.length === 0 ? null : restarting,
        containers: [{ ...app, name: 'app' }, ...containers.slice(split)],
      },
    }
  })
}

export type Case = { readonly pod: Json; readonly sources: Sources }

const OURS = 'lanyard.dev/'
/** By which annotation credentials reach the app in another way, and those that cannot be had with it. */
const DELIVERIES = [
  ['protocol', 'container', []],
  ['protocol', 'imds', ['container-roles']],
  ['mode', 'direct', ['session-duration', 'identity-provider', 'assume-role-arn', 'user-credentials']],
] as const
const eks = fc.record(
  {
    'eks.amazonaws.com/role-arn': fc.constant(ROLE),
    'eks.amazonaws.com/audience': fc.constant('sts.example.com'),
    'eks.amazonaws.com/token-expiration': fc.constantFrom('3600', 'x'),
    'eks.amazonaws.com/sts-regional-endpoints': fc.constantFrom('true', 'false'),
  },
  { requiredKeys: ['eks.amazonaws.com/role-arn'] },
)

/**
 * Pods of every kind, with what is beside them: the pod itself, its ServiceAccount or its namespace asks, for each
 * delivery, or the account is annotated for EKS and nobody asks us.
 */
export function arbitraryCase(options: Options = {}): fc.Arbitrary<Case> {
  const who = fc.constantFrom('pod', 'pod', 'account', 'namespace', 'eks')
  const how = fc.constantFrom(...DELIVERIES)
  return fc.tuple(arbitraryPod(options), who, how, eks).map(([pod, asking, [annotation, value, unfit], ofEks]) => {
    const { annotations: all, ...rest } = pod['metadata'] as { annotations: Record<string, string> }
    const isOurs = ([name]: [string, string]): boolean => name.startsWith(OURS)
    const ours = Object.fromEntries(Object.entries(all).filter(isOurs))
    ours[OURS + annotation] = value
    for (const one of unfit) delete ours[OURS + one]
    const others = Object.entries(all).filter((entry) => !isOurs(entry))
    const own = Object.fromEntries(others.concat(asking === 'pod' ? Object.entries(ours) : []))
    const account = asking === 'eks' ? ofEks : asking === 'account' ? ours : {}
    return {
      pod: { ...pod, metadata: { ...rest, ...(Object.keys(own).length > 0 && { annotations: own }) } },
      sources: {
        serviceAccount: { name: 'default', annotations: account },
        namespace: asking === 'namespace' ? ours : {},
      },
    }
  })
}

const any = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(null), fc.constant(undefined))
const orAny = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> => fc.oneof({ weight: 60, arbitrary }, any)
const NEEDED = ['name', 'mountPath', 'metadata', 'annotations', 'spec', 'containers']

/** A record whose every part may be anything else, now and then. */
function spoilt(model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(model).map(([key, of]) => [key, orAny(of)]))
  return orAny(fc.record(fields, { requiredKeys: NEEDED.filter((key) => Object.hasOwn(model, key)) }))
}

const FEDERATED = ['identity-provider', 'assume-role-arn', 'user-credentials'] as const
const spoiltAnnotations = fc
  .dictionary(
    fc
      .constantFrom('role-arn', 'inject', 'containers', 'region', 'session-policy', ...FEDERATED)
      .map((key) => `lanyard.dev/${key}`),
    fc.oneof(fc.string(), fc.constantFrom(ROLE, 'true', 'false', 'app', '{', 'eu-west-1', 'keyed', 'written')),
    { maxKeys: 2 },
  )
  .map((of) => ({ 'lanyard.dev/role-arn': ROLE, ...of }))

/** JSON that is a pod in parts, or not at all. */
export function garbage(): fc.Arbitrary<unknown> {
  const env = spoilt({ name: variableName, value: fc.constant(CANARY), valueFrom: any })
  const ownMount = spoilt({
    name: fc.constantFrom('lanyard-endpoint', 'd', 'd'),
    mountPath: fc.constantFrom('/', '/x'),
  })
  const port = spoilt({ containerPort: fc.constantFrom(9797, 1.5, -1, 80) })
  const container = spoilt({
    name: fc.constantFrom('app', 'web', 'lanyard', 'lanyard-broker', 'istio-proxy', '__proto__'),
    env: fc.array(env, { maxLength: 2 }),
    restartPolicy: fc.constant('Always'),
    volumeMounts: fc.array(ownMount, { maxLength: 1 }),
    ports: fc.array(port, { maxLength: 1 }),
    resources,
  })
  const spec = spoilt({
    containers: fc.array(container, { maxLength: 3 }),
    initContainers: fc.array(container, { maxLength: 3 }),
    volumes: fc.array(spoilt({ name: fc.constantFrom('lanyard-state', 'd') }), { maxLength: 2 }),
    terminationGracePeriodSeconds: fc.double(),
    hostNetwork: fc.constant(false),
    resources,
  })
  return spoilt({ metadata: spoilt({ annotations: spoiltAnnotations }), spec })
}
