/** Sidecars that would get round the permitted roles: what is changed, and what is said. */
import type { Forgery } from './guardCases.ts'
import { ACCOUNT } from './settings.ts'

export type Container = {
  readonly name: string
  readonly command: string[]
  readonly env: { name: string; value?: string; valueFrom?: object }[]
  volumeMounts: Record<string, unknown>[]
  readonly lifecycle: object
  readonly securityContext: object
}

export const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`

/** Sets a variable of the sidecar, there or not. */
export function say({ env }: Container, name: string, value: string | object): void {
  const variable = typeof value === 'string' ? { name, value } : { name, valueFrom: value }
  const at = env.findIndex((one) => one.name === name)
  env.splice(at < 0 ? env.length : at, at < 0 ? 0 : 1, variable)
}
const ofField = (fieldPath: string): object => ({ fieldRef: { fieldPath } })

type Change = readonly [name: string, change: (sidecar: Container) => unknown]

const programs: readonly Change[] = [
  ['another command', (sidecar) => sidecar.command.push('-e', '1')],
  ['arguments', (sidecar) => Object.assign(sidecar, { args: ['-e', '1'] })],
  ['a working directory', (sidecar) => Object.assign(sidecar, { workingDir: '/tmp' })],
  ['a command before its stop', (sidecar) => Object.assign(sidecar.lifecycle, { preStop: exec })],
  ['another command after its start', (sidecar) => Object.assign(sidecar.lifecycle, { postStart: exec })],
  ['a command as its probe', (sidecar) => Object.assign(sidecar, { livenessProbe: exec })],
  ['a command as its readiness probe', (sidecar) => Object.assign(sidecar, { readinessProbe: exec })],
  ['a command as its startup probe', (sidecar) => Object.assign(sidecar, { startupProbe: exec })],
]
const exec = { exec: { command: ['cat', '/var/run/secrets/lanyard.dev/identity/token'] } }

/** Each would have kubelet put something where the sidecar reads or runs it. */
const fields: readonly Change[] = [
  [
    'its last words in its own program',
    (sidecar) => Object.assign(sidecar, { terminationMessagePath: '/app/wait.cjs' }),
  ],
  ['all of a ConfigMap', (sidecar) => Object.assign(sidecar, { envFrom: [{ configMapRef: { name: 'x' } }] })],
  [
    'a device of the node',
    (sidecar) => Object.assign(sidecar, { resources: { limits: { 'example.com/device': '1' } } }),
  ],
]

const variables: readonly Change[] = [
  ['its token elsewhere', (sidecar) => say(sidecar, 'LANYARD_IDENTITY_TOKEN_FILE', '/elsewhere')],
  ['its last words elsewhere', (sidecar) => say(sidecar, 'LANYARD_TERMINATION_LOG', '/app/wait.cjs')],
  ['its state elsewhere', (sidecar) => say(sidecar, 'LANYARD_STATE_DIRECTORY', '/elsewhere')],
  ['NODE_OPTIONS', (sidecar) => say(sidecar, 'NODE_OPTIONS', '--require=/tmp/x.js')],
  [
    'a role from an annotation',
    (sidecar) => say(sidecar, 'LANYARD_ROLE_ARN', ofField("metadata.annotations['lanyard.dev/role-arn']")),
  ],
  ['a role from another variable', (sidecar) => say(sidecar, 'LANYARD_ROLE_ARN', '$(LANYARD_X)')],
  ['another pod name', (sidecar) => say(sidecar, 'LANYARD_POD_NAME', 'another')],
  ['a namespace that is its name', (sidecar) => say(sidecar, 'LANYARD_POD_NAMESPACE', ofField('metadata.name'))],
]

const endpoints: readonly Change[] = [
  ['an STS of its own', (sidecar) => say(sidecar, 'LANYARD_STS_ENDPOINT', 'https://mine.example.com')],
  [
    'an authority of its own',
    (sidecar) => say(sidecar, 'LANYARD_STS_CA', '-----BEGIN CERTIFICATE-----\nMINE\n-----END CERTIFICATE-----\n'),
  ],
]

const roles: readonly Change[] = [
  ['another role', (sidecar) => say(sidecar, 'LANYARD_ROLE_ARN', OTHER_ROLE)],
  ['another role for a container', (sidecar) => say(sidecar, 'LANYARD_CONTAINER_ROLES', `app=${OTHER_ROLE}`)],
  [
    'another role by IMDS',
    (sidecar) => {
      say(sidecar, 'LANYARD_PROTOCOL', 'imds')
      say(sidecar, 'LANYARD_ROLE_ARN', OTHER_ROLE)
    },
  ],
  [
    'another role at the end of a chain',
    (sidecar) => {
      say(sidecar, 'LANYARD_ASSUME_ROLE_ARN', OTHER_ROLE)
      sidecar.command.splice(-1, 1, '/app/federated.cjs')
    },
  ],
  ['another role said a second time', (sidecar) => sidecar.env.push({ name: 'LANYARD_ROLE_ARN', value: OTHER_ROLE })],
]

const changed = (words: RegExp, changes: readonly Change[]): readonly Forgery[] =>
  changes.map(([name, change]) => ({ name, forge: ({ sidecar }) => change(sidecar), words }))

export const sidecarForgeries: readonly Forgery[] = [
  {
    name: 'a device for a file of its image',
    forge: ({ spec, sidecar }) => {
      spec.volumes.push({ name: 'd', persistentVolumeClaim: { claimName: 'd' } })
      Object.assign(sidecar, { volumeDevices: [{ name: 'd', devicePath: '/etc/ssl/openssl.cnf' }] })
    },
    words: /the sidecar has fields that Lanyard does not set/,
  },
  ...changed(/the sidecar has the image evil:1, which is not the one of the operator/, [
    ['another image', (sidecar) => Object.assign(sidecar, { image: 'evil:1' })],
  ]),
  ...changed(
    /the sidecar (runs something else than Lanyard's programs|has fields that Lanyard does not set)/,
    programs,
  ),
  ...changed(/the sidecar has fields that Lanyard does not set/, fields),
  ...changed(/the sidecar has variables that Lanyard does not set/, variables),
  ...changed(
    /the sidecar is told of an (STS|authority of STS) that (the operator does not allow|is not the operator's)/,
    endpoints,
  ),
  ...changed(/the role arn:aws:iam::\d+:role\/worker is not permitted in namespace/, roles),
  ...changed(/the sidecar does not run as its own user/, [
    [
      'privileges',
      (sidecar) => Object.assign(sidecar.securityContext, { privileged: true, allowPrivilegeEscalation: true }),
    ],
    ['a group of devices', (sidecar) => Object.assign(sidecar.securityContext, { runAsGroup: 6 })],
    ['another user', (sidecar) => Object.assign(sidecar.securityContext, { runAsUser: 1000, runAsGroup: 1000 })],
  ]),
]
