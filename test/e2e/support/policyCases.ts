/** What is tried without a webhook: pods that ask for too much, and pods that bring what is only Lanyard's to write. */
import { gen, type Json } from '../../support/gen.ts'
import { podFixture } from '../../support/podFixtures.ts'
import { containerOf, listAt } from '../../support/tree.ts'
import { told } from './settings.ts'
import { roleArn } from './sts.ts'

type Asked = Readonly<Record<string, string | undefined>>

/** A pod that is only tried; an annotation that is undefined is left out. */
export function tried(namespace: string, asked: Asked = {}, more: Json = {}): Json {
  const annotations = JSON.parse(JSON.stringify({ 'lanyard.dev/role-arn': roleArn('web'), ...asked }))
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'app', image: 'app' }], ...more }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tried', namespace, annotations }, spec }
}

/** A pod that was made, as somebody would apply it once more. */
export function again({ metadata, spec }: Json): Json {
  const { annotations, namespace } = metadata as Json
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tried', namespace, annotations }, spec }
}

/** The pod of a fixture as this cluster could have it, its sidecar (where it brings one) with the image that is right here. */
export function caseOf(name: string, namespace: string): Json {
  const text = JSON.stringify(podFixture(name)).replaceAll(gen.image, told().images.product)
  const { metadata, spec, ...rest } = JSON.parse(text) as { metadata: Json; spec: Json }
  const { serviceAccountName: _, serviceAccount: __, ...others } = spec
  return {
    ...rest,
    metadata: { ...metadata, name: 'tried', namespace },
    spec: { ...others, automountServiceAccountToken: false },
  }
}

const other = roleArn('worker')

/** Annotations beside a role, or without one where it is undefined; more of the pod's spec; what the refusal says. */
export const refusals: readonly (readonly [string, Asked, Json, RegExp])[] = [
  [
    'a role per container',
    { 'lanyard.dev/container-roles': `app=${other}` },
    {},
    /WebhookNeeded: lanyard\.dev\/container-roles: .*without its webhook/,
  ],
  ['direct mode', { 'lanyard.dev/mode': 'direct' }, {}, /WebhookNeeded: lanyard\.dev\/mode/],
  ['IMDS', { 'lanyard.dev/protocol': 'imds' }, {}, /WebhookNeeded: lanyard\.dev\/protocol/],
  [
    'an identity provider',
    { 'lanyard.dev/identity-provider': 'corporate' },
    {},
    /WebhookNeeded: lanyard\.dev\/identity-provider: /,
  ],
  [
    'credentials of users',
    { 'lanyard.dev/user-credentials': 'true' },
    {},
    /WebhookNeeded: lanyard\.dev\/user-credentials: /,
  ],
  [
    'a chain of roles',
    {
      'lanyard.dev/assume-role-arn': other,
      'lanyard.dev/source-identity': 'me',
      'lanyard.dev/assume-role-tags': 'a=b',
    },
    {},
    /WebhookNeeded: lanyard\.dev\/assume-role-arn, lanyard\.dev\/assume-role-tags, lanyard\.dev\/source-identity: /,
  ],
  ['another STS', { 'lanyard.dev/sts-endpoint': 'https://sts.example.com' }, {}, /WebhookNeeded/],
  ['resources of the pod', {}, { resources: { limits: { cpu: '1' } } }, /WebhookNeeded: spec\.resources/],
  [
    'a role of somebody else',
    { 'lanyard.dev/role-arn': undefined, 'lanyard.dev/inject': 'true' },
    {},
    /RoleMissing.*the pod itself must say it/,
  ],
  ['a typo', { 'lanyard.dev/sesion-name': 'a' }, {}, /AnnotationUnknown: lanyard\.dev\/sesion-name/],
  ['a lone key', { 'lanyard.dev/role-arn': undefined, 'lanyard.dev/region': 'eu-west-1' }, {}, /RoleMissing/],
  [
    'two roles in one',
    { 'lanyard.dev/role-arn': `${other},${other}` },
    {},
    /AnnotationInvalid: lanyard\.dev\/role-arn/,
  ],
  [
    'a role that is too long',
    { 'lanyard.dev/role-arn': `arn:aws:iam::111122223333:role/${'p/'.repeat(1100)}a` },
    {},
    /AnnotationInvalid/,
  ],
  [
    'the audience of the API server',
    { 'lanyard.dev/audience': 'https://kubernetes.default.svc.cluster.local' },
    {},
    /AnnotationInvalid: lanyard\.dev\/audience/,
  ],
  [
    'an endless session name',
    { 'lanyard.dev/session-name': 'a'.repeat(257) },
    {},
    /AnnotationInvalid: lanyard\.dev\/session-name/,
  ],
  [
    'a session of a day',
    { 'lanyard.dev/session-duration': '24h' },
    {},
    /session-duration: it must be a duration from 15m to 12h/,
  ],
  [
    'a token of a minute',
    { 'lanyard.dev/token-expiration': '1m' },
    {},
    /token-expiration: it must be a duration from 10m/,
  ],
  [
    'an empty duration',
    { 'lanyard.dev/token-expiration': '' },
    {},
    /AnnotationInvalid: lanyard\.dev\/token-expiration/,
  ],
  ['a port that is none', { 'lanyard.dev/metrics-port': '65536' }, {}, /metrics-port: it must be a port/],
  ['one port for both', { 'lanyard.dev/metrics-port': '9797' }, {}, /AnnotationsConflict/],
  ['a container twice', { 'lanyard.dev/containers': 'app app' }, {}, /it names a container twice/],
  ['the host’s network', {}, { hostNetwork: true }, /HostNetworkNotSupported/],
]

type Change = (pod: Json) => void

const sidecar = (change: Json) => (one: Json) => void Object.assign(containerOf(one, 'lanyard'), change)
const app = (change: Json) => (one: Json) => void Object.assign(containerOf(one, 'app'), change)
const volume = (name: string, source: Json) => (one: Json) => {
  const volumes = listAt(one, 'spec', 'volumes')
  volumes.splice(
    volumes.findIndex((candidate) => candidate['name'] === name),
    1,
    { name, ...source },
  )
}
const variable = (name: string, value: string) => (one: Json) => {
  const env = listAt(containerOf(one, 'lanyard'), 'env')
  Object.assign(env.find((candidate) => candidate['name'] === name) ?? {}, { value })
}
const token = { audience: 'elsewhere', expirationSeconds: 86_400, path: 'token' }

/** Changes to a pod as Lanyard wrote it, and what is said of each. */
export const forgeries: readonly (readonly [string, Change, RegExp])[] = [
  ['another image', sidecar({ image: 'evil' }), /writes its image;?/],
  ['another command', sidecar({ command: ['/nodejs/bin/node', '-e', '1'] }), /writes its command/],
  ['arguments', sidecar({ args: ['--inspect'] }), /writes its args/],
  ['another role', variable('LANYARD_ROLE_ARN', roleArn('worker')), /writes its env/],
  ['another STS', variable('LANYARD_STS_ENDPOINT', 'https://evil.example.com'), /writes its env/],
  [
    'a variable more',
    (one) => void listAt(containerOf(one, 'lanyard'), 'env').push({ name: 'NODE_OPTIONS', value: 'x' }),
    /writes its env/,
  ],
  ['variables from elsewhere', sidecar({ envFrom: [{ configMapRef: { name: 'a' } }] }), /writes its envFrom/],
  [
    'another user',
    (one) => void Object.assign(containerOf(one, 'lanyard')['securityContext'] as Json, { runAsUser: 1000 }),
    /writes its securityContext/,
  ],
  ['another hook', sidecar({ lifecycle: { postStart: { exec: { command: ['true'] } } } }), /writes its lifecycle/],
  [
    'another port',
    sidecar({ ports: [{ containerPort: 80, name: 'lanyard-metrics', protocol: 'TCP' }] }),
    /writes its ports/,
  ],
  [
    'a mount more',
    (one) =>
      void listAt(containerOf(one, 'lanyard'), 'volumeMounts').push({ name: 'lanyard-state', mountPath: '/app' }),
    /writes its volumeMounts/,
  ],
  [
    'no sidecar but a container',
    (one) => {
      const { lifecycle: _, restartPolicy: __, ...rest } = containerOf(one, 'lanyard')
      listAt(one, 'spec', 'initContainers').splice(0, 1, rest)
    },
    /ContainerNameTaken/,
  ],
  [
    'another place',
    (one) => void listAt(one, 'spec', 'initContainers').unshift({ name: 'first', image: 'a' }),
    /env|moved/,
  ],
  [
    'another audience',
    volume('lanyard-identity', { projected: { sources: [{ serviceAccountToken: token }] } }),
    /volume lanyard-identity/,
  ],
  ['the host’s folder', volume('lanyard-endpoint', { hostPath: { path: '/tmp' } }), /volume lanyard-endpoint/],
  ['a claim', volume('lanyard-state', { persistentVolumeClaim: { claimName: 'a' } }), /volume lanyard-state/],
  [
    'an app that mounts the identity',
    app({ volumeMounts: [{ name: 'lanyard-identity', mountPath: '/a' }] }),
    /VolumeMountedByOthers/,
  ],
  [
    'an app that mounts all tokens',
    app({ volumeMounts: [{ name: 'lanyard-endpoint', mountPath: '/a' }] }),
    /VolumeMountedByOthers/,
  ],
  ['an app without its token', app({ volumeMounts: [] }), /does not mount its endpoint token/],
  [
    'an app that asks elsewhere',
    app({ env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://127.0.0.1:1/' }] }),
    /EnvWinsOverLanyard/,
  ],
  ['an app that is told nothing', app({ env: [] }), /is not told where its credentials are/],
]

/** Fixtures that the webhook injects and the policies refuse, beside those that ask for what only the webhook can. */
export const onlyWebhook: Readonly<Record<string, RegExp>> = {
  'copied-out-of-direct': /EnvWinsOverLanyard.*VolumeMountedByOthers/,
  'copied-out-of-imds': /InjectionChanged: container app: it is told of IMDS/,
  'copied-with-another-port': /EnvWinsOverLanyard/,
  'copied-without-a-container': /VolumeMountedByOthers/,
  'copied-without-users': /ContainerNameTaken.*lanyard-broker.*VolumeMountedByOthers/,
  'env-empty': /EnvWinsOverLanyard/,
  'foreign-volume': /InjectionChanged: volume lanyard-state/,
  'forged-sidecar': /EnvWinsOverLanyard/,
}

/** What others' policies do: add a container, and change the sidecar as well. */
export const addsContainer = `(object.spec.containers.exists(c, c.name == 'late') ? [] :
  [JSONPatch{op: 'add', path: '/spec/containers/-', value: {'name': 'late', 'image': 'late'}}])`
export const changesSidecar = `${addsContainer} + (!has(object.spec.initContainers) || object.spec.initContainers[0].image == 'evil' ? [] :
  [JSONPatch{op: 'replace', path: '/spec/initContainers/0/image', value: 'evil'}])`
