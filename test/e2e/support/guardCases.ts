/** Pods that would get round the permitted roles, each made of one that Lanyard injected: what is changed, and what is said. */
import { type Container, sidecarForgeries } from './guardSidecars.ts'
import type { KubeObject } from './kubectl.ts'

export type Forgery = {
  readonly name: string
  /** Changes a copy of the pod. */
  readonly forge: (parts: Parts) => unknown
  readonly words: RegExp
}

/** The parts of an injected pod that forgers are after. */
export type Parts = {
  readonly spec: { volumes: object[]; initContainers: object[]; containers: object[] }
  readonly sidecar: Container
  readonly app: Container
  readonly volumes: Readonly<Record<string, Record<string, unknown>>>
}
export const tokenVolume = (name: string, audience = 'sts.amazonaws.com'): object => ({
  name,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds: 3600, path: 'token' } }] },
})

const tokens: readonly Forgery[] = [
  {
    name: 'a token volume of its own',
    forge: ({ spec }) => spec.volumes.push(tokenVolume('mine')),
    words: /the volume mine holds a token of the ServiceAccount that AWS (or an identity provider )?takes/,
  },
  {
    name: 'a token volume among other sources',
    forge: ({ spec }) =>
      spec.volumes.push({
        name: 'mine',
        projected: {
          sources: [
            { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
            { serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } },
          ],
        },
      }),
    words: /the volume mine holds a token/,
  },
  {
    name: "the sidecar's volume without a sidecar",
    forge: ({ spec }) => {
      spec.initContainers = []
    },
    words: /for Lanyard's sidecar, which the pod does not have/,
  },
  {
    name: 'a container of the name that is no sidecar',
    forge: ({ spec }) => {
      spec.volumes = []
      spec.initContainers = []
      spec.containers = [{ name: 'lanyard', image: 'x', command: ['sleep', '1'] }]
    },
    words: /the container name lanyard is for Lanyard's sidecar alone/,
  },
  {
    name: 'an init container of the name that is no sidecar',
    forge: ({ spec, app }) => {
      spec.volumes = []
      spec.initContainers = [{ name: 'lanyard', image: 'x' }]
      app.volumeMounts = []
      spec.containers = [app]
    },
    words: /the container name lanyard is for Lanyard's sidecar alone/,
  },
]

const mounts: readonly Forgery[] = [
  ...['lanyard-identity', 'lanyard-state', 'lanyard-no-api-token'].map((name) => ({
    name: `${name} in the app`,
    forge: ({ app }: Parts) => app.volumeMounts.push({ name, mountPath: '/mine', readOnly: true }),
    words: /a container mounts a volume of Lanyard's sidecar/,
  })),
  ...[
    { readOnly: true },
    { readOnly: true, subPath: 'worker' },
    { subPath: 'app' },
    { readOnly: true, subPathExpr: 'app' },
  ].map((fields) => ({
    name: `the endpoint tokens in the app, ${JSON.stringify(fields)}`,
    forge: ({ app }: Parts) => app.volumeMounts.push({ name: 'lanyard-endpoint', mountPath: '/mine', ...fields }),
    words: /a container mounts a volume of Lanyard's sidecar/,
  })),
  {
    name: 'the state on the node',
    forge: ({ volumes }) => {
      const { state } = pick(volumes)
      delete state['emptyDir']
      state['hostPath'] = { path: '/tmp' }
    },
    words: /a volume of Lanyard's sidecar is of another kind/,
  },
  {
    name: 'something beside the token in its volume',
    forge: ({ volumes }) => {
      const { identity } = pick(volumes)
      const { sources } = identity['projected'] as { sources: object[] }
      sources.push({ configMap: { name: 'x' } })
    },
    words: /a volume of Lanyard's sidecar is of another kind/,
  },
  {
    name: 'another program mounted over its own',
    forge: ({ spec, sidecar }) => {
      spec.volumes.push({ name: 'program', configMap: { name: 'program' } })
      sidecar.volumeMounts.push({ name: 'program', mountPath: '/app' })
    },
    words: /the sidecar mounts something that Lanyard does not/,
  },
  {
    name: 'its token elsewhere',
    forge: ({ sidecar }) => {
      Object.assign(sidecar.volumeMounts[0] ?? {}, { mountPath: '/elsewhere' })
    },
    words: /the sidecar mounts something that Lanyard does not/,
  },
]

const pick = (volumes: Parts['volumes']): { state: Record<string, unknown>; identity: Record<string, unknown> } => ({
  state: volumes['lanyard-state'] ?? {},
  identity: volumes['lanyard-identity'] ?? {},
})

export const forgeries: readonly Forgery[] = [
  ...tokens,
  ...mounts,
  ...sidecarForgeries,
  ...['hostPID', 'hostNetwork', 'shareProcessNamespace'].map((field) => ({
    name: field,
    forge: ({ spec }: Parts) => Object.assign(spec, { [field]: true }),
    words: /hostPID, hostNetwork or shareProcessNamespace is true/,
  })),
]

/** A copy of an injected pod, forged. Without our annotations, so that the webhook is not asked and rebuilds nothing. */
export function forged(injected: KubeObject, { name, forge }: Pick<Forgery, 'name' | 'forge'>): KubeObject {
  const { nodeName: _, ephemeralContainers: __, ...spec } = structuredClone(injected['spec'])
  const named = <T extends { readonly name: string }>(list: readonly T[], which: string): T => {
    const found = list.find((one) => one.name === which)
    if (found === undefined) throw new Error(`the pod has no ${which}`)
    return found
  }
  const app = named<Container>(spec.containers, 'app')
  const volumes = Object.fromEntries(spec.volumes.map((volume: { readonly name: string }) => [volume.name, volume]))
  forge({ spec, sidecar: named<Container>(spec.initContainers, 'lanyard'), app, volumes })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `forged-${slug(name)}`, namespace: injected.metadata.namespace ?? 'default' },
    spec,
  }
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-|-$/g, '')
