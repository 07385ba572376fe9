import { describe, expect, it } from 'vitest'
import { type Annotations, admitEks, type Pod } from '../../../src/injection/index.ts'
import { skippedByEks } from '../../../src/injection/sources.ts'
import { gen, type Json, ROLE } from '../../support/gen.ts'
import { at, containerOf, envOf, listAt } from '../../support/tree.ts'
import { contextOf, eks, type Given, granted, podOf } from './eksPods.ts'

const MOUNT = { name: 'aws-iam-token', readOnly: true, mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount' }
const TOKEN_FILE = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'
const STS = { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' }
const REGION = [
  { name: 'AWS_DEFAULT_REGION', value: 'eu-west-1' },
  { name: 'AWS_REGION', value: 'eu-west-1' },
]
const IDENTITY = [
  { name: 'AWS_ROLE_ARN', value: ROLE },
  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: TOKEN_FILE },
]

const withEnv = (...env: readonly Json[]): Json => podOf({ containers: [gen.container({ env })] })
const volumeOf = (pod: Json): unknown => listAt(pod, 'spec', 'volumes').find(({ name }) => name === MOUNT.name)
const expirationOf = (pod: Json): unknown =>
  at(volumeOf(pod), 'projected', 'sources', 0, 'serviceAccountToken', 'expirationSeconds')

describe('a pod whose ServiceAccount is annotated for EKS', () => {
  it('gets the variables, in their order, the mount and the volume, and nothing else', () => {
    expect(granted(podOf())).toEqual(
      podOf({
        containers: [gen.container({ env: [STS, ...REGION, ...IDENTITY], volumeMounts: [MOUNT] })],
        volumes: [
          {
            name: 'aws-iam-token',
            projected: {
              sources: [
                { serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86_400, path: 'token' } },
              ],
            },
          },
        ],
      }),
    )
  })

  it('has all that it had, before and where it was', () => {
    const container = gen.container({
      env: [{ name: 'A', value: '1' }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      readinessProbe: { grpc: { port: 5000 } },
      future: { x: 1 },
    })
    const init = gen.container({ name: 'init', restartPolicy: 'Always' })
    const volumes = [{ name: 'data', emptyDir: {} }]
    const pod = granted(podOf({ initContainers: [init], containers: [container], volumes }))
    expect(containerOf(pod, 'app')).toEqual({
      ...container,
      env: [{ name: 'A', value: '1' }, STS, ...REGION, ...IDENTITY],
      volumeMounts: [{ name: 'data', mountPath: '/data' }, MOUNT],
    })
    expect(containerOf(pod, 'init')).toEqual({ ...init, env: [STS, ...REGION, ...IDENTITY], volumeMounts: [MOUNT] })
    expect(listAt(pod, 'spec', 'volumes').map(({ name }) => name)).toEqual(['data', 'aws-iam-token'])
  })

  it('is not touched by a second pass', () => {
    const pod = granted(podOf({ initContainers: [gen.container({ name: 'init' })] }))
    expect(admitEks(pod, contextOf())).toMatchObject({ kind: 'inject', patch: [] })
  })

  it('is told in the audit log', () => {
    expect(admitEks(podOf(), contextOf())).toMatchObject({ audit: { role: ROLE }, warnings: [] })
  })
})

describe('the region and the endpoint of STS', () => {
  const regionless = { 'aws.region': null }
  it.each<[string, Given, readonly Json[]]>([
    ['neither is known', { settings: regionless }, []],
    ['regional is said', { settings: regionless, account: eks({ 'sts-regional-endpoints': 'true' }) }, [STS]],
    [
      'regional is said in another way',
      { settings: regionless, account: eks({ 'sts-regional-endpoints': ' T' }) },
      [STS],
    ],
    ['legacy is said', { account: eks({ 'sts-regional-endpoints': 'false' }) }, REGION],
    ['legacy is said in another way', { account: eks({ 'sts-regional-endpoints': ' F ' }) }, REGION],
    ['what is said is neither', { account: eks({ 'sts-regional-endpoints': 'perhaps' }) }, [STS, ...REGION]],
    [
      'what is said is neither, and no region known',
      { settings: regionless, account: eks({ 'sts-regional-endpoints': 'yes' }) },
      [],
    ],
    ['nothing is said', { account: eks({ 'sts-regional-endpoints': '' }) }, [STS, ...REGION]],
    ['the region is known', {}, [STS, ...REGION]],
  ])('where %s', (_what, given, expected) => {
    expect(containerOf(granted(podOf(), given), 'app')['env']).toEqual([...expected, ...IDENTITY])
  })

  it.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])("are the app's where it says %s", (name) => {
    const own = { name, value: 'eu-west-3' }
    expect(containerOf(granted(withEnv(own)), 'app')['env']).toEqual([own, STS, ...IDENTITY])
  })

  it('are of the kind that the app says', () => {
    const own = { name: STS.name, value: 'legacy' }
    expect(containerOf(granted(withEnv(own)), 'app')['env']).toEqual([own, ...REGION, ...IDENTITY])
  })
})

describe('a container that has an identity', () => {
  it.each(['AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE'])('by %s keeps it, and has the rest', (name) => {
    const own = { name, value: 'x' }
    expect(containerOf(granted(withEnv(own)), 'app')).toEqual(
      gen.container({ env: [own, STS, ...REGION], volumeMounts: [MOUNT] }),
    )
  })

  it('and says the rest too is left as it is; others are not', () => {
    const env = [{ name: 'AWS_ROLE_ARN' }, { name: 'AWS_REGION' }, STS]
    const own = gen.container({ name: 'own', env })
    const pod = granted(podOf({ containers: [gen.container(), own] }))
    expect(containerOf(pod, 'own')).toEqual(own)
    expect(containerOf(pod, 'app')['volumeMounts']).toEqual([MOUNT])
  })
})

describe('what is there by its name', () => {
  it('is taken for the volume', () => {
    const volumes = [{ name: 'aws-iam-token', emptyDir: {} }]
    expect(at(granted(podOf({ volumes })), 'spec', 'volumes')).toEqual(volumes)
  })

  it('is taken for the mount', () => {
    const volumeMounts = [{ name: 'aws-iam-token', mountPath: '/elsewhere' }]
    const pod = granted(podOf({ containers: [gen.container({ volumeMounts })] }))
    expect(containerOf(pod, 'app')).toMatchObject({ volumeMounts, env: [STS, ...REGION, ...IDENTITY] })
  })
})

describe('containers that are skipped', () => {
  it.each([
    'init,helper',
    ' init , helper ',
    'helper,init,nobody',
    'helper,,init',
    '"init","helper"',
    ' "init" ,helper',
  ])('by %j', (names) => {
    const containers = [gen.container(), gen.container({ name: 'helper' })]
    const pod = podOf(
      { initContainers: [gen.container({ name: 'init' })], containers },
      eks({ 'skip-containers': names }),
    )
    const result = granted(pod)
    expect(containerOf(result, 'init')).toEqual(gen.container({ name: 'init' }))
    expect(containerOf(result, 'helper')).toEqual(gen.container({ name: 'helper' }))
    expect(envOf(result, 'app')['AWS_ROLE_ARN']).toBe(ROLE)
  })

  it('are looked up by name, however many are named', () => {
    const pod = podOf({}, eks({ 'skip-containers': 'a, "b",a' })) as unknown as Pod
    expect(skippedByEks(pod, contextOf())).toEqual(new Set(['a', 'b']))
    expect(skippedByEks(pod, contextOf({ settings: { 'compatibility.eks': false } }))).toEqual(new Set())
  })

  it('are none where nothing is named', () => {
    expect(envOf(granted(podOf({}, eks({ 'skip-containers': '' }))), 'app')['AWS_ROLE_ARN']).toBe(ROLE)
  })
})

describe('the token', () => {
  it.each<[string, Annotations, Annotations, number]>([
    ['nobody', {}, {}, 86_400],
    ['the account', {}, { 'token-expiration': '7200' }, 7_200],
    ['the pod, before the account', { 'token-expiration': '3600' }, { 'token-expiration': '7200' }, 3_600],
    ['the pod, too short', { 'token-expiration': '0' }, {}, 600],
    ['the account, too long', {}, { 'token-expiration': '999999999999' }, 86_400],
    ['the pod, no number, so the account', { 'token-expiration': '1h' }, { 'token-expiration': '7200' }, 7_200],
    ['the account, no number', {}, { 'token-expiration': '-1' }, 86_400],
    ['the account, a number beyond numbers', {}, { 'token-expiration': '9'.repeat(400) }, 86_400],
  ])('lives as long as %s says', (_who, ofPod, ofAccount, seconds) => {
    expect(expirationOf(granted(podOf({}, eks(ofPod)), { account: eks(ofAccount) }))).toBe(seconds)
  })

  it("lives as long as the operator's, where nobody else says", () => {
    expect(expirationOf(granted(podOf(), { settings: { 'defaults.tokenExpiration': '2h' } }))).toBe(7_200)
  })

  it("is for the account's audience, else for the operator's", () => {
    const audienceOf = (given: Given): unknown =>
      at(volumeOf(granted(podOf(), given)), 'projected', 'sources', 0, 'serviceAccountToken', 'audience')
    expect(audienceOf({ account: eks({ audience: 'sts.example.com' }) })).toBe('sts.example.com')
    const settings = { 'defaults.audience': 'aws.example.com' }
    expect(audienceOf({ settings })).toBe('aws.example.com')
    expect(audienceOf({ settings, account: eks({ audience: ' ' }) })).toBe('aws.example.com')
    expect(audienceOf({ account: eks({ audience: 'a b' }) })).toBe('a b')
    expect(audienceOf({ account: eks({ audience: 'x'.repeat(3_000) }) })).toBe('x'.repeat(2_048))
  })

  it.each<[string, Json]>([
    ['its label', { nodeSelector: { 'kubernetes.io/os': 'windows' } }],
    ['its older label', { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } }],
    ['itself', { os: { name: 'windows' } }],
  ])('is at a path of Windows in a pod that is for it by %s', (_what, spec) => {
    const pod = granted(podOf(spec))
    expect(envOf(pod, 'app')['AWS_WEB_IDENTITY_TOKEN_FILE']).toBe(
      'C:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount\\token',
    )
    expect(containerOf(pod, 'app')['volumeMounts']).toEqual([MOUNT])
  })
})
