import { type PodKey, podSettings } from '../settings/index.ts'
import { literal, PATHS, TERMINATION_LOG, VOLUMES } from './layout.ts'
import { variablesOf } from './names.ts'
import type { Container, EnvVar, InjectionContext, InjectionSettings, VolumeMount } from './types.ts'

type Own = {
  readonly name: string
  readonly command: readonly string[]
  readonly env: readonly EnvVar[]
  readonly port: { readonly name: string; readonly number: number }
  readonly gate?: object
  readonly mounts: readonly VolumeMount[]
}

/** A native sidecar of Lanyard's, with every field written out that the API server would default, so that a later pass can compare. */
export function ownContainer(own: Own, settings: InjectionSettings, { config }: InjectionContext): Container {
  const user = config['sidecar.uid']
  const container = {
    name: own.name,
    image: config['sidecar.image'],
    imagePullPolicy: config['sidecar.imagePullPolicy'],
    restartPolicy: 'Always',
    command: own.command,
    env: own.env,
    ports: [{ name: own.port.name, containerPort: own.port.number, protocol: 'TCP' }],
    ...own.gate,
    resources: settings.resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: user,
      runAsNonRoot: true,
      runAsUser: user,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    terminationMessagePath: TERMINATION_LOG,
    terminationMessagePolicy: 'File',
    volumeMounts: [...own.mounts, { name: VOLUMES.noApiToken, mountPath: PATHS.apiToken, readOnly: true }],
  }
  return container
}

/** Variables of texts, without those that have none. */
export const literals = (texts: readonly (readonly [name: string, text: string | undefined])[]): readonly EnvVar[] =>
  texts.flatMap(([name, text]) => (text === undefined ? [] : [{ name, value: literal(text) }]))

export function variableOfPod(key: PodKey): string {
  const setting = podSettings[key]
  return 'env' in setting ? setting.env : ''
}

const FIELDS = {
  'pod.name': 'metadata.name',
  'pod.namespace': 'metadata.namespace',
  'pod.uid': 'metadata.uid',
  'pod.serviceAccount': 'spec.serviceAccountName',
} as const

const NAMES = variablesOf(Object.keys(FIELDS) as (keyof typeof FIELDS)[])

/** By the downward API: the identity of the pod alone, never what stands in its annotations. */
export const downward = (keys = Object.keys(FIELDS) as (keyof typeof FIELDS)[]): readonly EnvVar[] =>
  keys.map((key) => ({
    name: NAMES[key],
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: FIELDS[key] } },
  }))
