import { describe, expect, it } from 'vitest'
import { layout } from '../../../src/injection/index.ts'
import { codesOf, denied, injected, mutated } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { changed, containerOf, envOf, listAt, objectAt } from '../../support/tree.ts'

const DIRECT = { 'role-arn': ROLE, mode: 'direct' }
const direct = (spec: Json = {}, annotations: Readonly<Record<string, string>> = {}): Json =>
  gen.pod({ ...DIRECT, ...annotations }, spec)
const IDENTITY = { name: 'lanyard-identity', mountPath: '/var/run/secrets/lanyard.dev/identity', readOnly: true }
const ENV = {
  AWS_ROLE_ARN: ROLE,
  AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/lanyard.dev/identity/token',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_STS_REGIONAL_ENDPOINTS: 'regional',
  AWS_EC2_METADATA_DISABLED: 'true',
}
const SAME =
  'in direct mode a container that has the token can have every role that trusts the ServiceAccount, not its own alone'
const withEnv = (...env: readonly Json[]): Json => direct({ containers: [gen.container({ env })] })

describe('direct mode', () => {
  it('is the token and what an SDK needs to exchange it, and no sidecar', () => {
    const pod = mutated(direct())
    expect(envOf(pod, 'app')).toEqual(ENV)
    expect(containerOf(pod, 'app')['volumeMounts']).toEqual([IDENTITY])
    expect(pod['spec']).toEqual({
      containers: [containerOf(pod, 'app')],
      volumes: [
        {
          name: 'lanyard-identity',
          projected: {
            defaultMode: 0o644,
            sources: [
              { serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' } },
            ],
          },
        },
      ],
    })
  })

  it('is there on the network of the node, where the sidecar cannot be', () => {
    expect(envOf(mutated(direct({ hostNetwork: true })), 'app')).toEqual(ENV)
    expect(codesOf(direct({ hostNetwork: true }, { mode: 'sidecar' }))).toEqual(['HostNetworkNotSupported'])
  })

  it('needs no port, no isolation of processes, and nobody to be behind', () => {
    const proxy = gen.container({ name: 'istio-proxy', restartPolicy: 'Always' })
    const pod = direct(
      {
        shareProcessNamespace: true,
        initContainers: [gen.container({ name: 'first' }), proxy],
        containers: [gen.container({ ports: [{ containerPort: 9797 }, { containerPort: 9798 }] })],
      },
      { containers: 'app first' },
    )
    const { warnings } = injected(pod)
    expect(warnings).toEqual([SAME])
    expect(envOf(mutated(pod), 'first')).toEqual(ENV)
    expect(containerOf(mutated(pod), 'istio-proxy')).toEqual(proxy)
  })

  it('gives each container its own role, and a container without one nothing', () => {
    const containers = ['app', 'helper', 'third'].map((name) => gen.container({ name }))
    const pod = mutated(direct({ containers }, { containers: 'app', 'container-roles': `helper=${OTHER_ROLE}` }))
    expect(['app', 'helper', 'third'].map((name) => envOf(pod, name)['AWS_ROLE_ARN'])).toEqual([
      ROLE,
      OTHER_ROLE,
      undefined,
    ])
    expect(containerOf(pod, 'third')).toEqual(gen.container({ name: 'third' }))
  })

  it.each<[Readonly<Record<string, string>>, readonly string[]]>([
    [{}, []],
    [{ containers: 'app' }, [SAME]],
    [{ 'container-roles': `helper=${OTHER_ROLE}` }, [SAME]],
  ])('says that the token is the same in each container, where they are told apart: %j', (annotations, expected) => {
    const containers = [gen.container(), gen.container({ name: 'helper' })]
    expect(injected(direct({ containers }, annotations)).warnings).toEqual(expected)
  })

  it('lets kubelet put no variable into a role', () => {
    const roleArn = 'arn:aws:iam::111122223333:role/$(SECRET)/app'
    const pod = mutated(direct({}, { 'role-arn': roleArn }))
    expect(envOf(pod, 'app')['AWS_ROLE_ARN']).toBe('arn:aws:iam::111122223333:role/$$(SECRET)/app')
    expect(injected(pod).patch).toEqual([])
  })

  it('names the containers that there are', () => {
    const [problem] = denied(direct({}, { containers: 'ghost' })).problems
    expect(problem?.message).toBe('the pod has no container "ghost"; it has app')
  })

  it.each<[string, Json, Readonly<Record<string, string>>, Json]>([
    ['no region', { 'aws.region': null }, {}, {}],
    [
      "the pod's region and endpoint",
      { 'aws.allowedStsEndpoints': 'https://sts.example.com' },
      { region: 'eu-west-3', 'sts-endpoint': 'https://sts.example.com' },
      {
        AWS_REGION: 'eu-west-3',
        AWS_DEFAULT_REGION: 'eu-west-3',
        AWS_STS_REGIONAL_ENDPOINTS: 'regional',
        AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
      },
    ],
    [
      "the operator's endpoint alone",
      { 'aws.region': null, 'aws.stsEndpoint': 'https://sts.example.com' },
      {},
      { AWS_ENDPOINT_URL_STS: 'https://sts.example.com' },
    ],
  ])('goes to STS with %s', (_what, settings, annotations, expected) => {
    const { AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, AWS_EC2_METADATA_DISABLED } = ENV
    expect(envOf(mutated(direct({}, annotations), gen.context(settings)), 'app')).toEqual({
      AWS_ROLE_ARN,
      AWS_WEB_IDENTITY_TOKEN_FILE,
      AWS_EC2_METADATA_DISABLED,
      ...expected,
    })
  })

  it('asks for the audience and lifetime of the annotations', () => {
    const pod = mutated(direct({}, { audience: 'sts.example.com', 'token-expiration': '20m' }))
    expect(JSON.stringify(listAt(pod, 'spec', 'volumes'))).toContain(
      '{"audience":"sts.example.com","expirationSeconds":1200,"path":"token"}',
    )
  })

  it('says that the app must trust a private authority itself', () => {
    const { warnings } = injected(direct(), gen.context({}, { stsCa: 'PEM' }))
    expect(warnings).toEqual([
      "in direct mode the app's SDK must itself trust the private authority of the STS endpoint",
    ])
  })
})

describe("the app's own variables", () => {
  it.each(['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_KEY'])(
    '%s is a conflict',
    (name) => {
      const { problems } = denied(withEnv({ name: 'FIRST' }, { name, value: 'canary' }))
      expect(problems.map(({ code, field }) => [code, field])).toEqual([
        ['EnvWinsOverLanyard', 'spec.containers[0].env[1]'],
      ])
      expect(JSON.stringify(problems)).not.toContain('canary')
    },
  )

  it.each([
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  ])('%s does not matter, since web identity comes first', (name) => {
    const variable = { name, value: 'http://169.254.170.2/x' }
    expect(injected(withEnv(variable)).warnings).toEqual([])
    expect(containerOf(mutated(withEnv(variable)), 'app')['env']).toContainEqual(variable)
  })

  it.each(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'])(
    '%s is warned about',
    (name) => {
      expect(injected(withEnv({ name, value: 'x' })).warnings).toEqual([expect.stringContaining(`${name} is set`)])
    },
  )

  it('win where they say a region, an endpoint, or its kind', () => {
    const env = [
      { name: 'AWS_DEFAULT_REGION', value: 'ap-south-1' },
      { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'legacy' },
      { name: 'AWS_EC2_METADATA_DISABLED', value: 'false' },
    ]
    expect(containerOf(mutated(withEnv(...env)), 'app')['env']).toEqual([
      ...env,
      { name: 'AWS_ROLE_ARN', value: ROLE },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: ENV.AWS_WEB_IDENTITY_TOKEN_FILE },
    ])
  })

  it('keep their proxy: nothing is asked on loopback', () => {
    const proxy = [
      { name: 'HTTPS_PROXY', value: 'http://proxy' },
      { name: 'NO_PROXY', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ]
    expect(listAt(containerOf(mutated(withEnv(...proxy)), 'app'), 'env').slice(0, 2)).toEqual(proxy)
    expect(injected(withEnv(...proxy)).warnings).toEqual([])
  })

  it('give way where they are empty', () => {
    const pod = mutated(withEnv({ name: 'AWS_ROLE_ARN' }, { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '' }))
    expect(envOf(pod, 'app')).toEqual(ENV)
  })
})

describe('a copy of a pod that changes its mode', () => {
  const containers = [gen.container(), gen.container({ name: 'helper' })]
  const roles = { 'container-roles': `helper=${OTHER_ROLE}` }
  const inMode = (mode: string): Json =>
    direct({ containers, initContainers: [gen.container({ name: 'init' })] }, { ...roles, mode })
  const copied = (from: string, to: string): Json =>
    changed(mutated(inMode(from)), (pod) => {
      objectAt(pod, 'metadata', 'annotations')['lanyard.dev/mode'] = to
    })
  const text = (pod: Json): string => JSON.stringify(pod)

  it('has nothing of the sidecar in direct mode', () => {
    const pod = mutated(copied('sidecar', 'direct'))
    expect(text(pod)).not.toMatch(/AWS_CONTAINER|lanyard-(endpoint|state|no-api-token)|LANYARD_/)
    expect(listAt(pod, 'spec', 'initContainers').map(({ name }) => name)).toEqual(['init'])
    for (const name of ['app', 'helper', 'init'])
      expect(envOf(pod, name)).toEqual(envOf(mutated(inMode('direct')), name))
    expect(injected(pod).patch).toEqual([])
  })

  it('has nothing of direct mode with the sidecar, but for which endpoint of STS to ask', () => {
    const pod = mutated(copied('direct', 'sidecar'))
    const { initContainers, ...rest } = pod['spec'] as Json
    expect(text(rest)).not.toMatch(/AWS_ROLE_ARN|AWS_WEB_IDENTITY|secrets\/lanyard.dev\/identity/)
    for (const name of ['app', 'helper', 'init']) {
      expect(envOf(pod, name)).toEqual({
        ...envOf(mutated(inMode('sidecar')), name),
        AWS_STS_REGIONAL_ENDPOINTS: 'regional',
      })
    }
    expect(containerOf(pod, layout.SIDECAR)).toEqual(containerOf(mutated(inMode('sidecar')), layout.SIDECAR))
    expect(injected(pod).patch).toEqual([])
  })
})
