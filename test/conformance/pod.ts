import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import {
  asProcess,
  type Container,
  downwardFields,
  makeVolumes,
  mapContainer,
  writeVolumeFile,
} from '../../src/demo/node.ts'
import { mutated } from '../support/admitting.ts'
import { gen } from '../support/gen.ts'
import { freePort } from '../support/processes.ts'
import type { Protocol } from './client.ts'
import { NAMESPACE, ROLE_ARN, SERVICE_ACCOUNT, type World } from './world.ts'

export type Ports = { readonly credentials: number; readonly metrics: number }

/** A pod as the webhook makes it, with its places on this machine. */
export type Pod = {
  readonly ports: Ports
  readonly folder: string
  /** The sidecar's variables. */
  readonly sidecarEnv: Readonly<Record<string, string>>
  /** What the app's container has, all of it written by the webhook. */
  readonly appEnv: Readonly<Record<string, string>>
  /** Where the app finds its endpoint token. */
  readonly tokenFile: string
}

type Spec = { readonly containers: readonly Container[]; readonly initContainers: readonly Container[] }

/** Takes a pod with one annotation through the code of the webhook; what paths mean is all that is put in place. */
export async function createPod(world: World, protocol: Protocol, stsUrl: string): Promise<Pod> {
  const ports = { credentials: await freePort(), metrics: await freePort() }
  const context = gen.context({ 'aws.stsEndpoint': stsUrl }, { stsCa: world.ca.pem })
  const annotations = {
    'role-arn': ROLE_ARN,
    'credentials-port': String(ports.credentials),
    'metrics-port': String(ports.metrics),
    ...(protocol === 'imds' ? { protocol } : {}),
  }
  const { spec } = mutated(gen.pod(annotations), context) as { spec: Spec }
  const folder = mkdtempSync(join(world.folder, 'pod-'))
  const directoryOf = makeVolumes(folder, [
    'lanyard-identity',
    'lanyard-endpoint',
    'lanyard-state',
    'lanyard-no-api-token',
    'home',
  ])
  const token = await world.issuer.serviceAccountToken({
    namespace: NAMESPACE,
    serviceAccount: SERVICE_ACCOUNT,
    pod: 'web-0',
    audience: 'sts.amazonaws.com',
    expiresIn: 86_400,
  })
  writeVolumeFile(directoryOf('lanyard-identity'), 'token', token)
  const termination = [{ what: 'file', inPod: '/dev/termination-log', here: join(folder, 'termination-log') }]
  const envOf = (container: Container): Readonly<Record<string, string>> =>
    asProcess(
      { ...container, volumeMounts: container.volumeMounts ?? [] },
      mapContainer({ ...container, volumeMounts: container.volumeMounts ?? [] }, directoryOf, termination),
      { command: [], cwd: folder, fields: downwardFields(NAMESPACE, SERVICE_ACCOUNT) },
    ).env
  const home = directoryOf('home')
  return {
    ports,
    folder,
    sidecarEnv: envOf(byName(spec.initContainers, 'lanyard')),
    appEnv: { ...envOf(byName(spec.containers, 'app')), HOME: home, PATH: process.env['PATH'] ?? '' },
    tokenFile: join(directoryOf('lanyard-endpoint'), 'app', 'token'),
  }
}

function byName(containers: readonly Container[], name: string): Container {
  const found = containers.find((container) => container.name === name)
  if (found === undefined) throw new Error(`the webhook made no container ${name}`)
  return found
}

/** Node keeps there what it made of the sources. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/lanyard-tests', import.meta.url))
mkdirSync(cache, { recursive: true })
export const NODE_COMPILE_CACHE = cache
