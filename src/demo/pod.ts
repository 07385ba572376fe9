import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { Failure } from '../errors/index.ts'
import { type Child, type Program, runChild, startChild } from './child.ts'
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

/** What both containers need to become processes. */
type Ground = {
  readonly stage: Stage
  readonly directoryOf: (volume: string) => string
  readonly ports: DemoPod['ports']
  readonly mapping: Mapping
}

/** Takes the spec as the webhook left it, and does what a kubelet would with it. */
export async function preparePod(stage: Stage, pod: Manifest): Promise<DemoPod> {
  const spec = pod['spec'] as Spec
  const directoryOf = makeVolumes(stage.root, [...spec.volumes.map(({ name }) => name), 'home'])
  await fillVolumes(spec, directoryOf, stage.outside)
  const [sidecar, app] = [only(spec.initContainers, 'lanyard'), only(spec.containers, 'app')]
  const ports = { credentials: await freePort(), metrics: await freePort() }
  const mapping = {
    sidecar: mapSidecar(sidecar, { stage, directoryOf, ports }),
    app: mapApp(app, { stage, directoryOf, ports }),
  }
  return {
    mapping,
    ports,
    tokenFile: join(directoryOf('lanyard-endpoint'), 'app', 'token'),
    startSidecar: () => startSidecar(sidecar, { stage, directoryOf, ports, mapping: mapping.sidecar }),
    runApp: () => runApp(app, { stage, directoryOf, ports, mapping: mapping.app }),
  }
}

const row = (what: string, inPod: string, here: string): Mapping[number] => ({ what, inPod, here })
const portRows = ({ credentials, metrics }: DemoPod['ports']): Mapping => [
  row('port', '9797', String(credentials)),
  row('port', '9798', String(metrics)),
]

function mapSidecar(sidecar: Container, { stage, directoryOf, ports }: Omit<Ground, 'mapping'>): Mapping {
  const { root, programs } = stage
  return mapContainer(sidecar, directoryOf, [
    ...portRows(ports),
    row('file', '/dev/termination-log', join(root, 'termination-log')),
    row('program', '/nodejs/bin/node', programs.node),
    row('program', '/app/sidecar.cjs', programs.sidecar),
    row('program', '/app/wait.cjs', programs.wait),
  ])
}

function mapApp(app: Container, { stage, directoryOf, ports }: Omit<Ground, 'mapping'>): Mapping {
  return mapContainer(app, directoryOf, [
    ...portRows(ports),
    row('program', '/usr/local/bin/node', stage.programs.node),
    row('program', '/srv/app.js', stage.programs.app),
    row('home', '/root', directoryOf('home')),
  ])
}

const fields = downwardFields(NAMESPACE, SERVICE_ACCOUNT)

/** Newer than the oldest Node that the demo runs on. */
const isKnown = (word: string): boolean => word !== '--disable-sigusr1' || process.allowedNodeEnvironmentFlags.has(word)

async function startSidecar(sidecar: Container, { stage, mapping }: Ground): Promise<Child> {
  const { root, keep } = stage
  const as = (command: readonly string[]): Program => asProcess(sidecar, mapping, { command, cwd: root, fields })
  const child = keep(startChild({ ...as(sidecar.command.filter(isKnown)), listens: true }, 'the sidecar'))
  const gate = await runChild(as(sidecar.lifecycle?.postStart.exec.command ?? []), keep)
  if (gate.code === 0) return child
  const log = join(root, 'termination-log')
  const cause = (existsSync(log) && readFileSync(log, 'utf8').trim()) || child.output().trim() || gate.stderr.trim()
  const message = `the start gate stayed shut, and the sidecar says why: ${cause}`
  throw new Failure({ code: 'DemoFailed', message })
}

async function runApp(app: Container, { stage, mapping, directoryOf }: Ground): Promise<Identity> {
  const program = asProcess(app, mapping, { command: app.command, cwd: stage.root, fields })
  // A container has a home of its own; without one the SDK would look into yours.
  const env = { ...program.env, HOME: directoryOf('home') }
  const { code, stdout, stderr } = await runChild({ ...program, env }, stage.keep)
  if (code === 0) return JSON.parse(stdout) as Identity
  throw new Failure({ code: 'DemoFailed', message: `the app has no identity: ${stderr.trim().slice(-600)}` })
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
