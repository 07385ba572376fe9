import { type PodKey, podSettings, variableOf } from '../settings/index.ts'
import {
  GLOBAL_STS,
  IDENTITY_TOKEN_FILE,
  literal,
  PATHS,
  SIDECAR,
  SIDECAR_COMMAND,
  TERMINATION_LOG,
  VOLUMES,
  WAIT_COMMAND,
} from './layout.ts'
import type { Container, EnvVar, InjectionContext, InjectionSettings, Pod, Target, Volume } from './types.ts'

type Parts = {
  readonly pod: Pod
  readonly targets: readonly Target[]
  readonly settings: InjectionSettings
  readonly context: InjectionContext
}

/**
 * The native sidecar, with every field written out that the API server would default, so that a later pass can compare.
 * Its configuration is literal: a reference to an annotation would hand it whatever the annotation says by then.
 */
export function sidecarContainer(parts: Parts): Container {
  const { config } = parts.context
  const user = config['sidecar.uid']
  const gate = gateOf(parts)
  const sidecar = {
    name: SIDECAR,
    image: config['sidecar.image'],
    imagePullPolicy: config['sidecar.imagePullPolicy'],
    restartPolicy: 'Always',
    command: SIDECAR_COMMAND,
    env: [...literals(parts, gate.seconds), ...downward()],
    ports: [{ name: 'lanyard-metrics', containerPort: parts.settings.metricsPort, protocol: 'TCP' }],
    ...gate.fields,
    resources: parts.settings.resources,
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
    volumeMounts: [
      { name: VOLUMES.identity, mountPath: PATHS.identity, readOnly: true },
      { name: VOLUMES.endpoint, mountPath: PATHS.endpoint },
      { name: VOLUMES.state, mountPath: PATHS.state },
      { name: VOLUMES.noApiToken, mountPath: PATHS.apiToken, readOnly: true },
    ],
  }
  return sidecar
}

/** In memory, since a disk keeps secrets and blocks the cluster autoscaler; each with the little room that it needs. */
export function volumesFor(settings: InjectionSettings): readonly Volume[] {
  const memory = (name: string): Volume & { emptyDir: object } => ({
    name,
    emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
  })
  const token = { audience: settings.audience, expirationSeconds: settings.tokenExpiration, path: 'token' }
  const identity = {
    name: VOLUMES.identity,
    projected: { defaultMode: 0o644, sources: [{ serviceAccountToken: token }] },
  }
  if (settings.delivery === 'direct') return [identity]
  return [identity, memory(VOLUMES.endpoint), memory(VOLUMES.state), memory(VOLUMES.noApiToken)]
}

type Gate = { readonly seconds: number; readonly fields: object }

/** While the hook blocks, a deletion of the pod waits for it: so it stays within the grace period, but gives STS a chance. */
const LEAST_GATE = 5

function gateOf({ pod, settings, context: { config } }: Parts): Gate {
  const seconds = config['sidecar.startGateSeconds']
  if (config['sidecar.startGate'] === 'startupProbe') {
    const httpGet = { path: '/startupz', port: settings.metricsPort, scheme: 'HTTP' }
    const startupProbe = {
      failureThreshold: seconds,
      httpGet,
      periodSeconds: 1,
      successThreshold: 1,
      timeoutSeconds: 1,
    }
    return { seconds, fields: { startupProbe } }
  }
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30
  const fields = { lifecycle: { postStart: { exec: { command: WAIT_COMMAND } } } }
  return { seconds: Math.max(LEAST_GATE, Math.min(seconds, grace - 2)), fields }
}

const pair = (left: string, right: string): string => `${left}=${right}`

/** The pod settings in the annotations' own grammar, then the places of its files. */
function literals({ targets, settings, context }: Parts, gateSeconds: number): EnvVar[] {
  const isImds = settings.delivery === 'imds'
  // Whoever asks IMDS has the one role of the pod.
  const own = targets.filter((target) => target.own && !isImds)
  const common = targets.filter((target) => !own.includes(target))
  const sts =
    settings.region === undefined
      ? { region: GLOBAL_STS.region, endpoint: settings.stsEndpoint ?? GLOBAL_STS.endpoint }
      : { region: settings.region, endpoint: settings.stsEndpoint }
  const texts: Partial<Record<PodKey, string | undefined>> = {
    roleArn: common[0]?.roleArn,
    containers: common.map(({ container }) => container).join(' ') || undefined,
    containerRoles: own.map(({ container, roleArn }) => pair(container, roleArn)).join(' ') || undefined,
    protocol: isImds ? 'imds' : undefined,
    audience: settings.audience,
    sessionDuration: `${settings.sessionDuration}s`,
    sessionName: settings.sessionName,
    sessionPolicy: settings.sessionPolicy,
    sessionPolicyArns: settings.sessionPolicyArns?.join(' '),
    region: sts.region,
    stsEndpoint: sts.endpoint,
    credentialsPort: String(settings.credentialsPort),
    metricsPort: String(settings.metricsPort),
  }
  const asked = Object.entries(texts).map(([key, text]) => [variableOfPod(key as PodKey), text] as const)
  const places = [
    ['log.level', context.config['sidecar.logLevel']],
    ['sts.ca', context.stsCa],
    ['startGate.seconds', String(gateSeconds)],
    ['identity.tokenFile', IDENTITY_TOKEN_FILE],
    ['endpoint.tokensDirectory', PATHS.endpoint],
    ['state.directory', PATHS.state],
    ['termination.log', TERMINATION_LOG],
  ] as const
  return [...asked, ...places.map(([key, text]) => [variableOf(key), text] as const)].flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, value: literal(text) }],
  )
}

function variableOfPod(key: PodKey): string {
  const setting = podSettings[key]
  return 'env' in setting ? setting.env : ''
}

function downward(): EnvVar[] {
  const fields = [
    ['pod.name', 'metadata.name'],
    ['pod.namespace', 'metadata.namespace'],
    ['pod.uid', 'metadata.uid'],
    ['pod.serviceAccount', 'spec.serviceAccountName'],
  ] as const
  return fields.map(([key, fieldPath]) => ({
    name: variableOf(key),
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  }))
}
