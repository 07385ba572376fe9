import { describe, expect, test } from 'vitest'
import { decide, layout } from '../../src/injection/index.ts'
import { matchesAny } from '../../src/injection/patterns.ts'
import { sidecarOf } from '../../src/injection/pod.ts'
import type { Container, Pod } from '../../src/injection/types.ts'
import { annotationOf, podEntries } from '../../src/settings/index.ts'
import { applied, injected } from '../support/admitting.ts'
import { gen, type Json } from '../support/gen.ts'
import { CHART, helm, type Rendered, template } from './helm.ts'
import { evaluated, POLICY_CLUSTER, policyOf, renderPolicy, variablesOf } from './policyVariables.ts'
import { policySets, setOf } from './sets.ts'

const full = setOf('policy').text
const guarded = setOf('policy-guarded').text
const namesOf = (objects: readonly Rendered[]): readonly string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()

describe.each(policySets)('with the values $name', ({ text, path }) => {
  test('it renders twice to the same bytes, and lints', async () => {
    const [one, two] = await Promise.all([0, 1].map(() => template(text, CHART, POLICY_CLUSTER)))
    expect(one?.stderr).toBe('')
    expect(two?.stdout).toBe(one?.stdout)
    const { ok, stdout } = await helm(['lint', '--strict', '--kube-version', POLICY_CLUSTER, CHART, '-f', path])
    expect(ok, stdout).toBe(true)
  })

  test('every object has the labels, and a namespace unless it has none', async () => {
    for (const { kind, metadata } of await renderPolicy(text)) {
      expect(metadata.labels, kind).toMatchObject({ 'app.kubernetes.io/instance': 'lanyard' })
      expect(metadata.namespace === undefined, kind).toBe(/AdmissionPolicy/.test(kind))
    }
  })
})

describe('what is rendered', () => {
  test('is two policies, and nothing that runs or that a server needs', async () => {
    expect(namesOf(await renderPolicy('injector: policy'))).toEqual([
      'MutatingAdmissionPolicy/lanyard-injection',
      'MutatingAdmissionPolicyBinding/lanyard-injection',
      'ValidatingAdmissionPolicy/lanyard-injection',
      'ValidatingAdmissionPolicyBinding/lanyard-injection',
    ])
  })

  test('of monitoring what is about sidecars, and the guard where permission is required', async () => {
    const objects = await renderPolicy(guarded)
    const others = namesOf(objects).filter((name) => !/-(injection|guard-\w+)$/.test(name))
    expect(others).toEqual(['ConfigMap/lanyard-dashboard', 'PodMonitor/lanyard-sidecars', 'PrometheusRule/lanyard'])
    expect(namesOf(objects)).toContain('ValidatingAdmissionPolicy/lanyard-guard-pods')
    const rules = JSON.stringify(objects.find(({ kind }) => kind === 'PrometheusRule'))
    expect(rules).toContain('LanyardCredentialsExpired')
    expect(rules).toContain('namespace:lanyard_sessions:count')
    expect(rules).not.toMatch(/LanyardWebhook|LanyardAdmission|lanyard-webhook/)
  })

  test('both policies fail closed, for the same pods, by the same variables', async () => {
    const objects = await renderPolicy(full)
    const mutating = policyOf(objects, 'MutatingAdmissionPolicy')
    const validating = policyOf(objects, 'ValidatingAdmissionPolicy')
    expect(mutating).toMatchObject({ failurePolicy: 'Fail', reinvocationPolicy: 'IfNeeded' })
    expect(validating.failurePolicy).toBe('Fail')
    expect(validating.matchConditions).toEqual(mutating.matchConditions)
    expect(validating.matchConstraints).toEqual(mutating.matchConstraints)
    expect(mutating.matchConstraints).toMatchObject({
      namespaceSelector: { matchLabels: { 'example.com/aws': 'yes' } },
      resourceRules: [{ apiGroups: [''], operations: ['CREATE'], resources: ['pods'] }],
    })
    const shared = mutating.variables.filter(({ name }) => name !== 'additions')
    expect(validating.variables.slice(0, shared.length)).toEqual(shared)
    const bindings = objects.filter(({ kind, metadata }) => /Binding/.test(kind) && /-injection$/.test(metadata.name))
    expect(bindings.map(({ spec }) => spec)).toEqual([
      { policyName: 'lanyard-injection' },
      { policyName: 'lanyard-injection', validationActions: ['Deny'] },
    ])
  })
})

describe('it is refused, and says what to do,', () => {
  test('on a cluster that is too old', async () => {
    const { ok, stderr } = await template('injector: policy', CHART, '1.35.4')
    expect(ok).toBe(false)
    expect(stderr).toContain('injector is policy, which needs Kubernetes 1.36')
    expect(stderr).toContain('set injector to webhook')
  })

  test.each([
    ['a ConfigMap', 'stsCa: { configMap: a }', 'set stsCa.pem'],
    ['EKS annotations', 'config: { compatibility: { eks: true } }', 'config.compatibility.eks needs injector webhook'],
    ['a default that is taken away', 'config: { defaults: { audience: null } }', 'config.defaults.audience is needed'],
    ['a session name that is none', 'config: { defaults: { sessionName: "{pods}" } }', 'config.defaults.sessionName'],
    [
      "the API server's audience",
      'guard: { audiences: ["https://kubernetes.default.svc.cluster.local"] }',
      "which is the API server's own",
    ],
    [
      'identity providers',
      'config: { identityProviders: { a: { kind: oidc-client-credentials, namespaces: [b], issuer: "https://a.example", stsAudience: a } } }',
      'config.identityProviders needs injector webhook',
    ],
    [
      'providers of users',
      'config: { userProviders: { google: { kind: google, clientIds: [a] } } }',
      'config.userProviders needs injector webhook',
    ],
    [
      'roles of users',
      'config: { userRoles: { a: { kind: role, namespaces: [b], providers: [c], roleArn: "arn:aws:iam::111122223333:role/a" } } }',
      'config.userRoles needs injector webhook',
    ],
    [
      'an endpoint that is said and chosen',
      'config: { aws: { stsEndpoint: "https://sts.example.com", fips: true } }',
      'leave one of them out',
    ],
    ["what is the chart's own", 'config: { sidecar: { image: x } }', "config.sidecar.image is the chart's own"],
  ])('with %s', async (_, text, message) => {
    const { ok, stderr } = await template(`injector: policy\n${text}`, CHART, POLICY_CLUSTER)
    expect(ok).toBe(false)
    expect(stderr).toContain(message)
  })
})

/** What a pod decides, for one that asks for no more than a role. */
const asked = {
  roleArn: 'arn:aws:iam::111122223333:role/app',
  targets: ['app'],
  tokenSeconds: 86_400,
  sessionSeconds: 3600,
  audience: 'sts.amazonaws.com',
  sessionName: '{namespace}.{serviceaccount}.{pod}',
  credentialsPort: 9797,
  metricsPort: 9798,
  gateSeconds: 28,
}
const plain = 'injector: policy\nimage: { repository: registry.example.com/lanyard }'

describe('what is put into a pod is what the webhook puts there', () => {
  const webhooks = (settings: Json = {}, more = {}): Pod =>
    applied(gen.pod(), injected(gen.pod(), gen.context(settings, more)).patch) as unknown as Pod

  test.each([
    ['plain', `${plain}\nconfig: { aws: { region: eu-west-1 } }`, {}, 'eu-west-1'],
    ['no region', plain, { 'aws.region': null }, ''],
    [
      'with a startup probe, an STS and an authority',
      `${plain}\nstsCa: { pem: PEM }\nconfig: { aws: { stsEndpoint: https://sts.example.com }, sidecar: { startGate: startupProbe } }`,
      { 'aws.region': null, 'aws.stsEndpoint': 'https://sts.example.com', 'sidecar.startGate': 'startupProbe' },
      '',
    ],
    [
      'with FIPS, dual stack and a proxy',
      `${plain}\nconfig: { aws: { region: us-east-2, fips: true, dualStack: true }, outbound: { proxy: "http://proxy.example.com:3128", noProxy: [.svc, 10.0.0.1] } }`,
      {
        'aws.region': 'us-east-2',
        'aws.fips': true,
        'aws.dualStack': true,
        'outbound.proxy': 'http://proxy.example.com:3128',
        'outbound.noProxy': ['.svc', '10.0.0.1'],
      },
      'us-east-2',
    ],
  ])('the sidecar: %s', async (name, values, settings, region) => {
    const expression = await variablesOf(values)
    const pod = webhooks(settings, name.includes('authority') ? { stsCa: 'PEM' } : {})
    const { env = [], ...container } = sidecarOf(pod, layout.SIDECAR) as Container
    const own = { ...asked, region, env: 'env' }
    const all = [...(evaluated(expression('literals'), own) as readonly [string, string][])]
    const literals = all.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }))
    const downward = (evaluated(expression('downward')) as readonly [string, string][]).map(([name, fieldPath]) => ({
      name,
      valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
    }))
    expect([...literals, ...downward]).toEqual(env)
    expect(evaluated(expression('sidecar'), own)).toEqual({ ...container, env: 'env' })
  })

  test('the volumes, and what the app is told', async () => {
    const expression = await variablesOf(plain)
    const { spec } = webhooks()
    expect(evaluated(expression('volumes'), asked)).toEqual(spec.volumes)
    const told = (evaluated(expression('appEnv'), asked) as readonly [string, string][]).map(([name, value]) => ({
      name,
      value,
    }))
    expect(spec.containers[0]?.env?.slice(0, 2)).toEqual(told)
  })

  test('the resources of a Guaranteed pod', async () => {
    const limits = { limits: { cpu: '1', memory: '1Gi' } }
    const pod = gen.pod(undefined, { containers: [gen.container({ resources: limits })] })
    const { resources } = sidecarOf(applied(pod, injected(pod).patch) as unknown as Pod, layout.SIDECAR) as Container
    const sidecar = evaluated((await variablesOf(plain))('sidecar'), { ...asked, guaranteed: true })
    expect(sidecar).toMatchObject({ resources })
  })
})

describe('the annotations', () => {
  const known = podEntries.filter(([, { on }]) => on === undefined).map(([key]) => annotationOf(key))

  test('are each either understood or named as the webhook’s', async () => {
    const expression = await variablesOf(plain)
    const forms = Object.keys(evaluated(expression('forms')) as object)
    const others = evaluated(expression('webhookOnly')) as Readonly<Record<string, string>>
    expect([...forms, ...Object.keys(others)].map((name) => `lanyard.dev/${name}`).sort()).toEqual([...known].sort())
    for (const [key, { annotation, kind }] of podEntries) {
      const harmless = others[annotation]
      if (harmless) expect(kind.parse(harmless), key).toMatchObject({ ok: true })
    }
  })

  const arn = 'arn:aws:iam::111122223333:role/app'
  const texts = [
    ...['', 'x', 'app', 'app worker', 'app  worker\n c', 'app,worker', 'App', '-app', 'true', 'false', 'True', '1'],
    ...[
      arn,
      `${arn},${arn}`,
      'arn:aws:iam::1:role/a',
      'arn:aws-cn:iam::111122223333:role/p/q/a+b',
      `${arn}/`,
      `${arn} `,
    ],
    ...['arn:aws:iam:::role/app', 'arn:minio:iam:::role/app', 'arn:aws:iam::tenant:role/a', 'arn:aws:iam::12:role/app'],
    ...['arn:aws:iam::111122223333:user/a', 'arn:aws:iam::111122223333:role/*', 'a'.repeat(64), 'a'.repeat(65)],
    ...['eu-west-1', 'us-east-2', 'us-iso-east-1', 'eu-west', 'EU-WEST-1', 'eu-west-1 ', 'eu_west_1', 'eu-west-123'],
    ...['1h', '90m', '1h30m', '3600s', '1h30m10s', '3600', '1d', '-1h', '1.5h', '30m1h', ' 1h'],
    ...['{pod}', 'a-{namespace}.{serviceaccount}_{container}', '{pods}', '{pod', 'a b', 'é', '{{pod}}', 'a{pod}b'],
    ...['9797', '1024', '65535', '97970', '123456', '80', '0x10', '9797a', '１０２４'],
    ...['sts.amazonaws.com', 'https://example.com/a?b#c', 'a$b', 'a b', 'a\u007f', 'a'.repeat(255), 'a'.repeat(256)],
  ]
  // What no regular expression says; test/e2e has the API server look at these.
  const beyond: Readonly<Record<string, readonly string[]>> = {
    'role-arn': [`${arn},${arn}`],
    'token-expiration': [''],
    'session-duration': [''],
    'credentials-port': ['97970'],
    'metrics-port': ['97970'],
  }

  test('have the forms that their kinds say', async () => {
    const forms = evaluated((await variablesOf(plain))('forms')) as Readonly<Record<string, string>>
    for (const [, { annotation, kind }] of podEntries.filter(([, setting]) =>
      Object.hasOwn(forms, setting.annotation),
    )) {
      const form = new RegExp(forms[annotation] ?? '')
      const trimmed = [...texts, kind.example].map((text) => text.trim())
      const differing = trimmed.filter((text) => form.test(text) !== kind.parse(text).ok)
      expect([annotation, ...differing]).toEqual([annotation, ...(beyond[annotation] ?? [])])
    }
    expect(Object.keys(forms)).toHaveLength(10)
  })
})

test('the variables that win over Lanyard are refused as by the webhook', async () => {
  const names = [
    ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY', 'AWS_SECRET_KEY'],
    ...['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ROLE_ARN', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_PROFILE'],
    ...['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_DEFAULT_PROFILE'],
  ]
  for (const [staticKeys, values] of [
    ['deny', plain],
    ['warn', `${plain}\nconfig: { env: { staticKeys: warn } }`],
  ] as const) {
    const problems = (await variablesOf(values))('containerProblems')
    const context = gen.context({ 'env.staticKeys': staticKeys })
    const denied = names.filter((name) => decide(gen.podWithEnv({ name, value: 'x' }), context).kind === 'deny')
    expect(names.filter((name) => problems.includes(`"${name}"`))).toEqual(denied)
  }
})

test('the names of a mesh mean what they mean to the webhook', async () => {
  const mesh = (await variablesOf(full))('mesh')
  const form = JSON.parse(/matches\(("(?:[^"\\]|\\.)*")\)/.exec(mesh)?.[1] ?? '""')
  for (const name of ['mesh-a', 'mesh-', 'mesh', 'amesh-b', 'proxy.v2', 'proxyxv2', 'app', ''])
    expect(new RegExp(form).test(name), name).toBe(matchesAny(name, ['mesh-*', 'proxy.v2']))
})
