import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../errors/index.ts'
import { type Child, runChild, startChild } from './child.ts'
import { type Manifest, NAMESPACE, POD, SERVICE_ACCOUNT } from './deployment.ts'
import {
  asProcess,
  type Container,
  downwardFields,
  freePort,
  type Mapping,
  makeVolumes,
  mapContainer,
  writeVolumeFile,
} from './node.ts'
import type { Stage } from './stage.ts'

type Volume = {
  readonly name: string
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: {
        readonly audience: string
        readonly expirationSeconds: number
        readonly path: string
      }
    }[]
  }
}
type Spec = {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes: readonly Volume[]
}
export type Identity = { readonly arn: string; readonly accessKeyId: string; readonly expiration: string }

/** The patched pod as processes of this machine. */
export type DemoPod = {
  readonly mapping: { readonly sidecar: Mapping; readonly app: Mapping }
  readonly ports: { readonly credentials: number; readonly metrics: number }
  readonly tokenFile: string
  /** Starts the sidecar and its start gate; resolves when the gate lets the app start. Throws Failure with the cause. */
  readonly startSidecar: () => Promise<Child>
  /** Runs the app once: who does AWS think it is? Throws Failure with what it said. */
  readonly runApp: () => Promise<Identity>
}

/** Takes the spec as the webhook left it, and does what a kubelet would with it. */
export async function preparePod(stage: Stage, pod: Manifest): Promise<DemoPod> {
  const { root, outside, programs, keep } = stage
  const spec = pod['spec'] as Spec
  const directoryOf = makeVolumes(root, [...spec.volumes.map(({ name }) => name), 'home'])
  await fillVolumes(spec, directoryOf, outside)
  const [sidecar, app] = [only(spec.initContainers, 'lanyard'), only(spec.containers, 'app')]
  const ports = { credentials: await freePort(), metrics: await freePort() }
  const portRows = [
    { what: 'port', inPod: '9797', here: String(ports.credentials) },
    { what: 'port', inPod: '9798', here: String(ports.metrics) },
  ]
  const file = (what: string, inPod: string, here: string): Mapping[number] => ({ what, inPod, here })
  const sidecarMap = mapContainer(sidecar, directoryOf, [
    ...portRows,
    file('file', '/dev/termination-log', join(root, 'termination-log')),
    file('program', '/nodejs/bin/node', programs.node),
    file('program', '/app/sidecar.cjs', programs.sidecar),
    file('program', '/app/wait.cjs', programs.wait),
  ])
  const appMap = mapContainer(app, directoryOf, [
    ...portRows,
    file('program', '/usr/local/bin/node', programs.node),
    file('program', '/srv/app.js', programs.app),
    file('home', '/root', directoryOf('home')),
  ])
  const options = { cwd: root, fields: downwardFields(NAMESPACE, SERVICE_ACCOUNT) }
  const gateCommand = sidecar.lifecycle?.postStart.exec.command ?? []
  return {
    mapping: { sidecar: sidecarMap, app: appMap },
    ports,
    tokenFile: join(directoryOf('lanyard-endpoint'), 'app', 'token'),
    startSidecar: async () => {
      const child = keep(
        startChild(
          { ...asProcess(sidecar, sidecarMap, { ...options, command: sidecar.command }), listens: true },
          'the sidecar',
        ),
      )
      const gate = await runChild(asProcess(sidecar, sidecarMap, { ...options, command: gateCommand }), keep)
      if (gate.code === 0) return child
      const cause = readFileSync(join(root, 'termination-log'), 'utf8').trim()
      throw new Failure({
        code: 'DemoFailed',
        message: `the start gate stayed shut, and the sidecar says why: ${cause || child.output().trim()}`,
      })
    },
    runApp: async () => {
      const program = asProcess(app, appMap, { ...options, command: app.command })
      // A container has a home of its own; without one the SDK would look into yours.
      const env = { ...program.env, HOME: directoryOf('home') }
      const { code, stdout, stderr } = await runChild({ ...program, env }, keep)
      if (code === 0) return JSON.parse(stdout) as Identity
      throw new Failure({ code: 'DemoFailed', message: `the app has no identity: ${stderr.trim().slice(-600)}` })
    },
  }
}

async function fillVolumes(
  spec: Spec,
  directoryOf: (name: string) => string,
  { ca, issuer }: Stage['outside'],
): Promise<void> {
  writeVolumeFile(directoryOf('demo-ca'), 'ca.pem', ca.pem)
  for (const { name, projected } of spec.volumes) {
    for (const { serviceAccountToken } of projected?.sources ?? []) {
      if (serviceAccountToken === undefined) continue
      const { audience, expirationSeconds: expiresIn, path } = serviceAccountToken
      const token = await issuer.serviceAccountToken({
        namespace: NAMESPACE,
        serviceAccount: SERVICE_ACCOUNT,
        pod: POD,
        audience,
        expiresIn,
      })
      writeVolumeFile(directoryOf(name), path, token)
    }
  }
}

function only(containers: readonly Container[] | undefined, name: string): Container {
  const found = containers?.find((container) => container.name === name)
  if (found === undefined)
    throw new Failure({ code: 'DemoFailed', message: `the patched pod has no container ${name}` })
  return found
}
