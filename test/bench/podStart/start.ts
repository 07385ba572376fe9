import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '../../e2e/support/kubectl.ts'
import type { Api } from './api.ts'
import { instantOf, type Start } from './instants.ts'
import { IMAGES, ROLE, WHERE } from './world.ts'

const PODS = `/api/v1/namespaces/${WHERE}/pods`

/** What a pod left on the node is cleared away meanwhile; chance keeps in step with nothing that kubelet does by the second. */
const REST = { least: 250, spread: 1_000 } as const

let made = 0

/** Creates a pod, sees it through, and tells when what happened. The image is on the node. */
export async function startPod(api: Api, kind: 'with' | 'without'): Promise<Start> {
  made += 1
  const name = `${kind}-${made}`
  const asked = performance.timeOrigin + performance.now()
  await api.call('POST', PODS, podOf(name, kind))
  const answered = performance.timeOrigin + performance.now()
  // No call while it starts but this one: whoever polls, disturbs.
  const phase = await api.watch(`${PODS}?fieldSelector=metadata.name=${name}`, endOf)
  if (phase !== 'Succeeded') throw new Error(`the pod ${name} ended as ${phase}`)
  const app = instantOf(await logOf(api, name, 'app'))
  const sidecar = kind === 'with' ? await sidecarOf(api, name) : undefined
  await sleep(REST.least + Math.random() * REST.spread)
  return { asked, answered, app, ...(sidecar !== undefined && { sidecar }) }
}

/** Throws where the API server would not create an annotated pod now. */
export const tryPod = (api: Api): Promise<string> => api.call('POST', `${PODS}?dryRun=All`, podOf('tried', 'with'))

const endOf = ({ status }: KubeObject): string | undefined =>
  ['Succeeded', 'Failed'].includes(status?.phase) ? status.phase : undefined

/** Stamped by the container runtime, in nanoseconds: `startedAt` of a pod's status has whole seconds, as events have. */
const logOf = (api: Api, name: string, container: string): Promise<string> =>
  api.call('GET', `${PODS}/${name}/log?container=${container}&timestamps=true`)

async function sidecarOf(api: Api, name: string): Promise<NonNullable<Start['sidecar']>> {
  const log = await logOf(api, name, 'lanyard')
  return {
    listening: instantOf(log, '"msg":"sidecar started"'),
    credentials: instantOf(log, '"msg":"credentials obtained"'),
  }
}

/** An app that says a word and ends: Node tells its version before it has started anything. */
const podOf = (name: string, kind: 'with' | 'without'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: WHERE, ...(kind === 'with' && { annotations: { 'lanyard.dev/role-arn': ROLE } }) },
  spec: {
    restartPolicy: 'Never',
    containers: [
      {
        name: 'app',
        image: IMAGES.testbed,
        imagePullPolicy: 'IfNotPresent',
        command: ['/nodejs/bin/node', '--version'],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    ],
  },
})
