import { describe, expect, it } from 'vitest'
import { layout } from '../../../src/injection/index.ts'
import { podEntries, readConfig, readPodSettings, readPodVariables } from '../../../src/settings/index.ts'
import { denied, injected, mutated } from '../../support/admitting.ts'
import { defaulted } from '../../support/apiServer.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { changed, containerOf, envOf, listAt } from '../../support/tree.ts'
import { CONFIGURATIONS } from './cases.ts'

/** What kubelet makes of a value (third_party/forked/golang/expansion): `$$` is `$`, `$(NAME)` a reference. */
const expanded = (value: unknown): string =>
  String(value).replaceAll(/\$\$|\$\((\w+)\)/g, (found, name?: string) => (name === undefined ? '$' : `(${found})`))

/** The sidecar's environment as its process sees it. */
function processEnv(pod: Json, settings: Json = {}): Readonly<Record<string, string>> {
  const env = envOf(mutated(pod, gen.context(settings)), layout.SIDECAR)
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, expanded(value)]))
}

const annotationValues = (annotations: Readonly<Record<string, string>>): unknown => {
  const entries = new Map(podEntries)
  return readPodSettings(
    (key) => annotations[entries.get(key)?.annotation ?? ''],
    (key) => key,
    'AnnotationInvalid',
  ).values
}

describe('what the sidecar reads', () => {
  const annotations = {
    'role-arn': 'arn:aws:iam::111122223333:role/path$(HOME)/$$/app',
    containers: 'app',
    'container-roles': `helper=${OTHER_ROLE}  third=${ROLE}`,
    audience: 'sts.$(POD)$$.example.com',
    'session-duration': '1h30m',
    'session-name': '{namespace}@{pod}={container}',
    'session-policy': JSON.stringify({ Statement: [{ Resource: `$\{aws:username}/$(LANYARD_POD_NAME)/$$/$$$(X)$` }] }),
    'session-policy-arns': 'arn:aws:iam::aws:policy/A arn:aws:iam::111122223333:policy/$$/B',
    region: 'us-west-2',
    'sts-endpoint': 'https://sts.internal.example.com/path',
    'credentials-port': '19797',
    'metrics-port': '19798',
  }
  const { audience: _, ...others } = annotations
  const everything = {
    ...others,
    'session-duration': '30m',
    'identity-provider': 'corporate',
    'assume-role-arn': `arn:aws:iam::111122223333:role/$(HOME)/$$/a ${OTHER_ROLE}`,
    'assume-role-external-id': 'customer:42',
    'assume-role-tags': 'team=a=b cost=',
    'source-identity': 'web',
  }
  const containers = ['app', 'helper', 'third', 'rest'].map((name) => gen.container({ name }))
  const settings = { 'aws.allowedStsEndpoints': 'https://sts.internal.example.com/path' }

  it('is what the annotations say', () => {
    const env = processEnv(gen.pod(annotations, { containers }), settings)
    const read = readPodVariables(env)
    expect(read.problems).toEqual([])
    expect(read.values).toEqual(annotationValues(annotations))
  })

  it('is every setting that has a variable', () => {
    const told = Object.keys(
      processEnv(gen.pod(everything, { containers }), {
        ...CONFIGURATIONS.federated,
        ...settings,
        'aws.dualStack': false,
      }),
    )
    const expected = podEntries.filter(([key, { env }]) => env && key !== 'protocol')
    for (const [, { env }] of expected) expect(told).toContain(env)
    expect(Object.keys(processEnv(gen.pod({ 'role-arn': ROLE, protocol: 'imds' })))).toContain('LANYARD_PROTOCOL')
  })

  it('is what the annotations say of a chain and of a provider, whatever kubelet would make of a dollar', () => {
    const read = readPodVariables(
      processEnv(gen.pod(everything, { containers }), {
        ...CONFIGURATIONS.federated,
        ...settings,
        'aws.dualStack': false,
      }),
    )
    expect(read.problems).toEqual([])
    // The audience is that of the provider.
    const { audience: _, ...own } = annotationValues(everything) as { audience: string }
    expect(read.values).toEqual({ ...own, audience: 'https://login.example.com' })
  })

  it("is the operator's defaults where the pod is silent, and nothing that nobody said", () => {
    const { values, problems } = readPodVariables(processEnv(gen.pod()))
    expect(problems).toEqual([])
    expect(values).toEqual({
      roleArn: { arn: ROLE },
      containers: ['app'],
      audience: 'sts.amazonaws.com',
      sessionDuration: 3600,
      sessionName: '{namespace}.{serviceaccount}.{pod}',
      region: 'eu-west-1',
      credentialsPort: 9797,
      metricsPort: 9798,
    })
  })

  it.each([
    { settings: { 'aws.region': null }, region: 'us-east-1', stsEndpoint: 'https://sts.amazonaws.com' },
    {
      settings: { 'aws.region': null, 'aws.stsEndpoint': 'https://sts.example.com' },
      region: 'us-east-1',
      stsEndpoint: 'https://sts.example.com',
    },
    { settings: { 'aws.region': 'ca-west-1' }, region: 'ca-west-1', stsEndpoint: undefined },
    {
      settings: { 'aws.stsEndpoint': 'https://sts.example.com' },
      region: 'eu-west-1',
      stsEndpoint: 'https://sts.example.com',
    },
  ])('asks STS by $settings', ({ settings: operator, region, stsEndpoint }) => {
    const { values } = readPodVariables(processEnv(gen.pod(), operator))
    expect([values.region, values.stsEndpoint]).toEqual([region, stsEndpoint])
  })

  it('is whole as a process configuration once kubelet has filled in the pod', () => {
    const ca = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
    const env = envOf(mutated(gen.pod(), gen.context({}, { stsCa: ca })), layout.SIDECAR)
    const filled = {
      LANYARD_POD_NAME: 'web-0',
      LANYARD_POD_NAMESPACE: 'shop',
      LANYARD_POD_UID: '3f8f9a52-0000-4000-8000-000000000000',
      LANYARD_POD_SERVICE_ACCOUNT: 'web',
    }
    const literal = Object.entries(env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, expanded(value)]],
    )
    const { values, problems } = readConfig('sidecar', { env: { ...Object.fromEntries(literal), ...filled } })
    expect(problems).toEqual([])
    expect(values).toMatchObject({
      'sts.ca': ca.trim(),
      'startGate.seconds': 28,
      'identity.tokenFile': layout.IDENTITY_TOKEN_FILE,
      'endpoint.tokensDirectory': layout.PATHS.endpoint,
      'state.directory': layout.PATHS.state,
      'termination.log': '/dev/termination-log',
    })
  })

  it('refers to no annotation', () => {
    const env = listAt(
      containerOf(mutated(gen.pod(annotations, { containers }), gen.context(settings)), 'lanyard'),
      'env',
    )
    const references = env.filter((variable) => variable['valueFrom'] !== undefined)
    const paths = references.map(({ valueFrom }) => (valueFrom as { fieldRef: Json }).fieldRef['fieldPath'])
    expect(paths).toEqual(['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.serviceAccountName'])
  })
})

describe('the start gate', () => {
  it.each([
    [undefined, 28],
    [null, 28],
    [30, 28],
    [3600, 28],
    [29, 27],
    [10, 8],
    [6, 5],
    [0, 5],
  ])('waits within a grace period of %j s: %i s', (terminationGracePeriodSeconds, seconds) => {
    const pod = gen.pod(undefined, { terminationGracePeriodSeconds })
    expect(processEnv(pod)['LANYARD_START_GATE_SECONDS']).toBe(String(seconds))
    const probed = containerOf(mutated(pod, gen.context({ 'sidecar.startGate': 'startupProbe' })), 'lanyard')
    // A probe does not keep a pod from being deleted.
    expect(probed['startupProbe']).toMatchObject({ periodSeconds: 1, failureThreshold: 28 })
    expect(probed).not.toHaveProperty('lifecycle')
  })

  it("waits as long as the operator says, in the pod's grace period", () => {
    const pod = gen.pod(undefined, { terminationGracePeriodSeconds: 600 })
    expect(processEnv(pod, { 'sidecar.startGateSeconds': 300 })['LANYARD_START_GATE_SECONDS']).toBe('300')
  })
})

describe('after the API server', () => {
  const asks = { 'role-arn': ROLE, 'token-expiration': '1h', 'session-policy': '{"Statement":[]}' }
  const everything = gen.pod(asks, {
    initContainers: [gen.container({ name: 'init' })],
    containers: [gen.container({ env: [{ name: 'HTTP_PROXY', value: 'http://p' }, { name: 'NO_PROXY' }] })],
    resources: { limits: { cpu: '1', memory: '1Gi' } },
  })

  it.each(['postStart', 'startupProbe'])('nothing that we write with a %s gate is defaulted', (gate) => {
    const written = mutated(everything, gen.context({ 'sidecar.startGate': gate }))
    const stored = defaulted(written)
    expect(containerOf(stored, 'lanyard')).toEqual(containerOf(written, 'lanyard'))
    expect(stored['spec']).toMatchObject({ volumes: (written['spec'] as Json)['volumes'] })
    for (const name of ['app', 'init']) {
      const [before, after] = [containerOf(written, name), containerOf(stored, name)]
      expect([after['env'], after['volumeMounts']]).toEqual([before['env'], before['volumeMounts']])
    }
    expect(injected(stored, gen.context({ 'sidecar.startGate': gate })).patch).toEqual([])
  })

  it.each<[string, readonly (string | number)[]]>([
    ['imagePullPolicy', []],
    ['terminationMessagePath', []],
    ['terminationMessagePolicy', []],
    ['protocol', ['ports', 0]],
    ['apiVersion', ['env', 14, 'valueFrom', 'fieldRef']],
    ['requests', ['resources']],
  ])('the double of the API server would have told a missing %s', (field, path) => {
    const written = mutated(gen.pod())
    const stripped = changed(written, (pod) => {
      const target = path.reduce<unknown>((here, key) => (here as Json)[key], containerOf(pod, 'lanyard'))
      expect(target).toHaveProperty(field)
      delete (target as Json)[field]
    })
    expect(containerOf(defaulted(stripped), 'lanyard')).not.toEqual(containerOf(stripped, 'lanyard'))
  })

  it('an :latest image keeps the pull policy that the operator set', () => {
    const context = gen.context({ 'sidecar.image': 'registry.example.com/lanyard:latest' })
    const stored = defaulted(mutated(gen.pod(), context))
    expect(containerOf(stored, 'lanyard')['imagePullPolicy']).toBe('IfNotPresent')
    expect(injected(stored, context).patch).toEqual([])
  })
})

describe('values that contradict one another', () => {
  it.each<[Record<string, string>, Json, string, string]>([
    [{ 'session-name': 'x' }, { 'defaults.lockSessionName': true }, 'session-name', 'SessionNameLocked'],
    [{ 'sts-endpoint': 'https://a.b' }, {}, 'sts-endpoint', 'StsEndpointNotAllowed'],
    [
      { 'sts-endpoint': 'https://a.b/' },
      { 'aws.allowedStsEndpoints': 'https://a.b' },
      'sts-endpoint',
      'StsEndpointNotAllowed',
    ],
    [{ 'sidecar-cpu-request': '1001m', 'sidecar-cpu-limit': '1' }, {}, 'sidecar-cpu-request', 'AnnotationsConflict'],
    [
      { 'session-policy-arns': `arn:aws:iam::aws:policy/${'x'.repeat(2020)}`, 'session-policy': '{"Statement":1}' },
      {},
      'session-policy-arns',
      'AnnotationsConflict',
    ],
    [{ 'role-arn': 'arn:aws-cn:iam::111122223333:role/a' }, { 'aws.region': null }, 'region', 'RegionMissing'],
  ])('%j', (annotations, settings, annotation, code) => {
    const { problems } = denied(gen.pod({ 'role-arn': ROLE, ...annotations }), gen.context(settings))
    expect(problems.map((problem) => [problem.field, problem.code])).toEqual([
      [`metadata.annotations[lanyard.dev/${annotation}]`, code],
    ])
  })

  it.each<[Record<string, string>, Json]>([
    [{ 'sts-endpoint': 'https://a.b' }, { 'aws.stsEndpoint': 'https://a.b' }],
    [{ 'sts-endpoint': 'https://a.b' }, { 'aws.allowedStsEndpoints': ['https://c.d', 'https://a.b'] }],
    [{ 'sidecar-cpu-request': '1000m', 'sidecar-cpu-limit': '1' }, {}],
  ])('but not %j', (annotations, settings) => {
    expect(injected(gen.pod({ 'role-arn': ROLE, ...annotations }), gen.context(settings)).warnings).toEqual([])
  })

  it('says a wrong region once', () => {
    const pod = gen.pod({ 'role-arn': 'arn:aws-cn:iam::111122223333:role/a', region: 'x' })
    const { problems } = denied(pod, gen.context({ 'aws.region': null }))
    expect(problems.map(({ code }) => code)).toEqual(['AnnotationInvalid'])
  })
})
