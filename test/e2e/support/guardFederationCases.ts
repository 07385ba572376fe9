/** Pods with an identity provider, a chain or a broker that would get round what the operator says: what is changed, and what is said. */
import { type Forgery, type Parts, tokenVolume } from './guardCases.ts'
import { CHAINED, IDP_AUDIENCE, ISSUER, type shapes } from './guardFederation.ts'
import { type Container, say } from './guardSidecars.ts'
import { roleArn } from './sts.ts'

export type FederatedForgery = Forgery & { readonly of: keyof typeof shapes }

const valueIn = ({ env }: Container, name: string): string => env.find((one) => one.name === name)?.value ?? ''
const CONFIG = 'LANYARD_PROVIDER_CONFIG'
const edited = (sidecar: Container, name: string, from: string, to: string): void =>
  say(sidecar, name, valueIn(sidecar, name).replace(from, to))
type Projected = { readonly projected: { readonly sources: Record<string, unknown>[] } }
const projectedIn = (parts: Parts, name: string): Record<string, unknown>[] =>
  (parts.volumes[name] as unknown as Projected).projected.sources
const brokerOf = ({ spec }: Parts): Container => {
  const broker = (spec.initContainers as Container[]).find(({ name }) => name === 'lanyard-broker')
  if (broker === undefined) throw new Error('the pod has no broker')
  return broker
}
const without = ({ env }: Container, name: string): void => {
  env.splice(
    env.findIndex((one) => one.name === name),
    1,
  )
}

type Case = readonly [of: string, name: string, forge: (parts: Parts) => unknown]
const refused = (words: RegExp, cases: readonly Case[]): readonly FederatedForgery[] =>
  cases.map(([of, name, forge]) => ({ of, name: `${of}: ${name}`, forge, words }))

const providers: readonly FederatedForgery[] = [
  ...refused(/the sidecar is told of its identity provider otherwise than the operator says/, [
    ['client', 'another issuer', ({ sidecar }) => edited(sidecar, CONFIG, ISSUER, 'https://mine.example.com')],
    ['client', 'a blank at its end', ({ sidecar }) => say(sidecar, CONFIG, `${valueIn(sidecar, CONFIG)} `)],
    ['client', 'no configuration', ({ sidecar }) => without(sidecar, CONFIG)],
    ['client', 'two configurations', ({ sidecar }) => sidecar.env.push({ name: CONFIG, value: '{}' })],
    ['chain', 'a configuration without a name', ({ sidecar }) => say(sidecar, CONFIG, '{"kind":"file"}')],
    ['keyed', "another provider's name", ({ sidecar }) => say(sidecar, 'LANYARD_IDENTITY_PROVIDER', 'adfs')],
  ]),
  ...refused(/the identity provider \S* ?\S* ?is none that namespace \S+ may use/, [
    ['client', 'one of other namespaces', ({ sidecar }) => say(sidecar, 'LANYARD_IDENTITY_PROVIDER', 'others')],
    ['client', 'one that does not exist', ({ sidecar }) => say(sidecar, 'LANYARD_IDENTITY_PROVIDER', 'mine')],
    ['client', 'none', ({ sidecar }) => say(sidecar, 'LANYARD_IDENTITY_PROVIDER', '')],
    ['client', 'two', ({ sidecar }) => sidecar.env.push({ name: 'LANYARD_IDENTITY_PROVIDER', value: 'exchange' })],
  ]),
  ...refused(/the sidecar runs something else than Lanyard's programs/, [
    ['client', 'the plain program', ({ sidecar }) => sidecar.command.splice(-1, 1, '/app/sidecar.cjs')],
    ['chain', 'the plain program', ({ sidecar }) => sidecar.command.splice(-1, 1, '/app/sidecar.cjs')],
    ['users', 'the program for providers', ({ sidecar }) => sidecar.command.splice(-1, 1, '/app/federated.cjs')],
  ]),
  ...refused(/the role arn:aws:iam::\d+:role\/mine is not permitted in namespace/, [
    ['chain', 'another end', ({ sidecar }) => say(sidecar, 'LANYARD_ASSUME_ROLE_ARN', `${CHAINED} ${roleArn('mine')}`)],
  ]),
  ...refused(/the sidecar has variables that Lanyard does not set/, [
    ['keyed', 'its secrets elsewhere', ({ sidecar }) => say(sidecar, 'LANYARD_PROVIDER_DIRECTORY', '/mine')],
    ['written', 'its file elsewhere', ({ sidecar }) => say(sidecar, 'LANYARD_PROVIDER_FILE_DIRECTORY', '/mine')],
  ]),
  ...refused(/the (sidecar|broker) calls out otherwise than the operator says/, [
    ['client', 'a proxy', ({ sidecar }) => say(sidecar, 'LANYARD_OUTBOUND_PROXY', 'http://mine.example.com')],
    ['client', 'other hosts without it', ({ sidecar }) => say(sidecar, 'LANYARD_OUTBOUND_NO_PROXY', '*')],
    ['client', 'no hosts without it', ({ sidecar }) => without(sidecar, 'LANYARD_OUTBOUND_NO_PROXY')],
    ['client', 'FIPS', ({ sidecar }) => say(sidecar, 'LANYARD_AWS_FIPS', 'true')],
    ['users', 'the broker by a proxy', (parts) => say(brokerOf(parts), 'LANYARD_OUTBOUND_PROXY', 'http://a.example')],
  ]),
]

const volumes: readonly FederatedForgery[] = [
  ...refused(/holds a token of the ServiceAccount that AWS or an identity provider takes/, [
    ['client', "the provider's audience in the app", ({ spec }) => spec.volumes.push(tokenVolume('mine', ISSUER))],
    ['keyed', "another provider's audience", ({ spec }) => spec.volumes.push(tokenVolume('mine', IDP_AUDIENCE))],
  ]),
  ...refused(/a volume of Lanyard's sidecar holds something else than its identity provider is for/, [
    ['exchange', "another provider's token", (parts) => tokenOf(parts, ISSUER)],
    ['exchange', 'a token for AWS', (parts) => tokenOf(parts, 'sts.amazonaws.com')],
    ['chain', "a provider's token for STS", (parts) => tokenOf(parts, IDP_AUDIENCE)],
    ['keyed', 'a token that it has no use for', ({ spec }) => spec.volumes.push(tokenVolume('lanyard-identity', 'x'))],
    ['exchange', 'a Secret', ({ spec }) => spec.volumes.push(secretVolume('mine'))],
    ['chain', 'a Secret', ({ spec }) => spec.volumes.push(secretVolume('corporate-client'))],
    [
      'keyed',
      'another Secret',
      (parts) => Object.assign(projectedIn(parts, 'lanyard-provider')[0]?.['secret'] ?? {}, { name: 'mine' }),
    ],
    [
      'keyed',
      'all of the Secret',
      (parts) => {
        const [source = {}] = projectedIn(parts, 'lanyard-provider')
        source['secret'] = { name: 'corporate-client' }
      },
    ],
    ['keyed', 'more beside it', (parts) => projectedIn(parts, 'lanyard-provider').push({ configMap: { name: 'x' } })],
    [
      'client',
      'authorities of another',
      (parts) => Object.assign(projectedIn(parts, 'lanyard-provider')[0]?.['configMap'] ?? {}, { name: 'mine' }),
    ],
  ]),
  ...refused(/a container mounts a volume of Lanyard's sidecar/, [
    ['keyed', 'the secret in the app', ({ app }) => mount(app, 'lanyard-provider', { readOnly: true })],
    ['users', "others' tokens in the app", ({ app }) => mount(app, 'lanyard-broker', { readOnly: true })],
    ['users', 'its token to write', ({ app }) => mount(app, 'lanyard-broker', { subPath: 'app' })],
    ['users', "another's token", ({ app }) => mount(app, 'lanyard-broker', { readOnly: true, subPath: 'init' })],
  ]),
  ...refused(/the sidecar mounts something that Lanyard does not/, [
    ['written', 'the file to write', ({ sidecar }) => rewritten(sidecar, { readOnly: false })],
    ['written', 'another volume', ({ sidecar }) => rewritten(sidecar, { name: 'sts-ca' })],
    ['written', 'the file over its program', ({ sidecar }) => rewritten(sidecar, { mountPath: '/app' })],
    ['keyed', 'a file where none is read', ({ sidecar }) => mount(sidecar, 'sts-ca', { mountPath: FILES })],
  ]),
  ...refused(/a volume of Lanyard's sidecar is of another kind/, [
    [
      'users',
      'tokens on the node',
      ({ volumes: all }) => {
        const { 'lanyard-broker': broker = {} } = all
        delete broker['emptyDir']
        broker['hostPath'] = { path: '/tmp' }
      },
    ],
  ]),
]

const FILES = '/var/run/secrets/lanyard.dev/provider-file'
const secretVolume = (name: string): object => ({
  name: 'lanyard-provider',
  projected: { sources: [{ secret: { name } }] },
})
const tokenOf = (parts: Parts, audience: string): unknown =>
  Object.assign(projectedIn(parts, 'lanyard-identity')[0]?.['serviceAccountToken'] ?? {}, { audience })
const mount = ({ volumeMounts }: Container, name: string, fields: object): unknown =>
  volumeMounts.push({ name, mountPath: '/mine', ...fields })
const rewritten = ({ volumeMounts }: Container, change: object): unknown =>
  Object.assign(volumeMounts.find(({ mountPath }) => mountPath === FILES) ?? {}, change)

const brokers: readonly FederatedForgery[] = [
  ...refused(/the broker is told of other users, roles or limits than the operator's/, [
    ['users', 'another role', (parts) => edited(brokerOf(parts), 'LANYARD_BROKER_ROLES', '/users', '/mine')],
    ['users', 'another client', (parts) => edited(brokerOf(parts), 'LANYARD_BROKER_PROVIDERS', 'mobile', 'mine')],
    ['users', 'no limit', (parts) => without(brokerOf(parts), 'LANYARD_BROKER_REQUESTS_PER_MINUTE')],
    ['users', 'another limit', (parts) => say(brokerOf(parts), 'LANYARD_BROKER_REQUESTS_PER_MINUTE', '9999')],
    ['users', 'a second role', (parts) => brokerOf(parts).env.push({ name: 'LANYARD_BROKER_ROLES', value: '{}' })],
  ]),
  ...refused(/the broker has the image evil:1, which is not the one of the operator/, [
    ['users', 'another image', (parts) => Object.assign(brokerOf(parts), { image: 'evil:1' })],
  ]),
  ...refused(/the broker runs something else than Lanyard's programs/, [
    ['users', 'a hook', (parts) => Object.assign(brokerOf(parts).lifecycle, { preStop: { sleep: { seconds: 1 } } })],
    ['users', 'another program', (parts) => brokerOf(parts).command.splice(-1, 1, '/app/sidecar.cjs')],
  ]),
  ...refused(/the broker has fields that Lanyard does not set/, [
    ['users', 'arguments', (parts) => Object.assign(brokerOf(parts), { args: ['-e', '1'] })],
  ]),
  ...refused(/the broker has variables that Lanyard does not set/, [
    ['users', 'an option of Node', (parts) => say(brokerOf(parts), 'NODE_OPTIONS', '--require=/tmp/x.js')],
  ]),
  ...refused(/the broker mounts something that Lanyard does not/, [
    ['users', "the sidecar's token", (parts) => mount(brokerOf(parts), 'lanyard-identity', {})],
  ]),
  ...refused(/the broker does not run as its own user/, [
    ['users', 'root', (parts) => Object.assign(brokerOf(parts).securityContext, { runAsUser: 0, runAsNonRoot: false })],
  ]),
  ...refused(/the broker is told of an STS that the operator does not allow/, [
    ['users', 'an STS of its own', (parts) => say(brokerOf(parts), 'LANYARD_STS_ENDPOINT', 'https://mine.example.com')],
  ]),
  ...refused(/the container name lanyard(, lanyard-broker|-broker)?.* is for Lanyard's sidecar alone/, [
    [
      'users',
      'a container of its name',
      ({ spec }) => {
        spec.initContainers = spec.initContainers.filter((one) => (one as Container).name !== 'lanyard-broker')
        spec.containers.push({ name: 'lanyard-broker', image: 'x' })
      },
    ],
  ]),
  ...refused(/the container lanyard-broker is for apps whose users have a role/, [
    [
      'users',
      'a broker without a sidecar',
      ({ spec }) => {
        const gone = new Set(['lanyard-identity', 'lanyard-endpoint', 'lanyard-state'])
        spec.initContainers = spec.initContainers.filter((one) => (one as Container).name !== 'lanyard')
        spec.volumes = spec.volumes.filter((one) => !gone.has((one as { name: string }).name))
        for (const one of spec.containers as Container[])
          one.volumeMounts = one.volumeMounts.filter(({ name }) => name !== 'lanyard-endpoint')
      },
    ],
  ]),
]

export const federatedForgeries: readonly FederatedForgery[] = [...providers, ...volumes, ...brokers]
