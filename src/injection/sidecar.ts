import type { PodKey } from '../settings/index.ts'
import { chainFor } from './chain.ts'
import {
  FEDERATED_COMMAND,
  GLOBAL_STS,
  IDENTITY_TOKEN_FILE,
  PATHS,
  SIDECAR,
  SIDECAR_COMMAND,
  TERMINATION_LOG,
  VOLUMES,
  WAIT_COMMAND,
} from './layout.ts'
import { variablesOf } from './names.ts'
import { downward, literals, ownContainer, variableOfPod } from './ownContainer.ts'
import type {
  ChosenProvider,
  Container,
  EnvVar,
  InjectionContext,
  InjectionSettings,
  Pod,
  Target,
  Volume,
  VolumeMount,
} from './types.ts'

export type Parts = {
  readonly pod: Pod
  readonly targets: readonly Target[]
  readonly settings: InjectionSettings
  readonly context: InjectionContext
}

/** The audience of the projected token, where there is one: STS's, or the identity provider's. */
export const tokenAudienceOf = ({ provider, audience }: InjectionSettings): string | undefined =>
  provider === undefined ? audience : provider.tokenAudience

/** Its configuration is literal: a reference to an annotation would hand it whatever the annotation says by then. */
export function sidecarContainer(parts: Parts): Container {
  const { targets, settings, context } = parts
  const gate = gateOf(parts, settings.metricsPort)
  const isMore = settings.provider !== undefined || chainFor(targets, settings) !== undefined
  return ownContainer(
    {
      name: SIDECAR,
      command: isMore ? FEDERATED_COMMAND : SIDECAR_COMMAND,
      env: [...variables(parts, gate.seconds), ...downward()],
      port: { name: 'lanyard-metrics', number: settings.metricsPort },
      gate: gate.fields,
      mounts: mountsOf(settings),
    },
    settings,
    context,
  )
}

function mountsOf(settings: InjectionSettings): readonly VolumeMount[] {
  const { provider } = settings
  return [
    ...(tokenAudienceOf(settings) === undefined
      ? []
      : [{ name: VOLUMES.identity, mountPath: PATHS.identity, readOnly: true }]),
    { name: VOLUMES.endpoint, mountPath: PATHS.endpoint },
    { name: VOLUMES.state, mountPath: PATHS.state },
    ...(isMounted(provider) ? [{ name: VOLUMES.provider, mountPath: PATHS.provider, readOnly: true }] : []),
    ...(provider?.written === undefined
      ? []
      : [{ name: provider.written.volume, mountPath: PATHS.providerFile, readOnly: true }]),
  ]
}

const isMounted = (provider: ChosenProvider | undefined): provider is ChosenProvider =>
  provider?.secret !== undefined || provider?.authorities !== undefined

/** In memory, since a disk keeps secrets and blocks the cluster autoscaler; each with the little room that it needs. */
export function volumesFor(settings: InjectionSettings): readonly Volume[] {
  const memory = (name: string): Volume & { emptyDir: object } => ({
    name,
    emptyDir: { medium: 'Memory', sizeLimit: '1Mi' },
  })
  const identity = identityVolume(settings)
  if (settings.delivery === 'direct') return identity
  return [
    ...identity,
    memory(VOLUMES.endpoint),
    memory(VOLUMES.state),
    memory(VOLUMES.noApiToken),
    ...(isMounted(settings.provider) ? [providerVolume(settings.provider)] : []),
    ...(settings.user === undefined ? [] : [memory(VOLUMES.broker)]),
  ]
}

function identityVolume(settings: InjectionSettings): readonly Volume[] {
  const audience = tokenAudienceOf(settings)
  if (audience === undefined) return []
  const token = { audience, expirationSeconds: settings.tokenExpiration, path: 'token' }
  return [{ name: VOLUMES.identity, projected: { defaultMode: 0o644, sources: [{ serviceAccountToken: token }] } }]
}

/** What the pod's own namespace holds for the identity provider: named keys of it, and no others. */
function providerVolume({ secret, authorities }: ChosenProvider): Volume {
  const itemsOf = (keys: readonly string[], directory: string): object =>
    [...new Set(keys)].map((key) => ({ key, path: `${directory}/${key}` }))
  const sources = [
    ...(secret === undefined ? [] : [{ secret: { name: secret.name, items: itemsOf(secret.keys, 'secret') } }]),
    ...(authorities === undefined
      ? []
      : [{ configMap: { name: authorities.name, items: itemsOf(authorities.keys, 'ca') } }]),
  ]
  return { name: VOLUMES.provider, projected: { defaultMode: 0o644, sources } }
}

type Gate = { readonly seconds: number; readonly fields: object }

/** While the hook blocks, a deletion of the pod waits for it: so it stays within the grace period, but gives STS a chance. */
const LEAST_GATE = 5

/** Of a container of ours whose health is at that port. */
export function gateOf({ pod, context: { config } }: Parts, port: number): Gate {
  const seconds = config['sidecar.startGateSeconds']
  if (config['sidecar.startGate'] === 'startupProbe') {
    const httpGet = { path: '/startupz', port, scheme: 'HTTP' }
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

export const stsOf = ({ region, stsEndpoint }: InjectionSettings): { region: string; endpoint: string | undefined } =>
  region === undefined
    ? { region: GLOBAL_STS.region, endpoint: stsEndpoint ?? GLOBAL_STS.endpoint }
    : { region, endpoint: stsEndpoint }

/** The pod settings in the annotations' own grammar, then the places of its files. */
function variables({ targets, settings, context }: Parts, gateSeconds: number): readonly EnvVar[] {
  const isImds = settings.delivery === 'imds'
  // Whoever asks IMDS has the one role of the pod.
  const own = targets.filter((target) => target.own && !isImds)
  const common = targets.filter((target) => !own.includes(target))
  const { provider } = settings
  const chain = chainFor(targets, settings)
  const sts = stsOf(settings)
  const texts: Partial<Record<PodKey, string | undefined>> = {
    roleArn: common[0]?.roleArn,
    containers: common.map(({ container }) => container).join(' ') || undefined,
    containerRoles: own.map(({ container, roleArn }) => pair(container, roleArn)).join(' ') || undefined,
    protocol: isImds ? 'imds' : undefined,
    audience: provider?.tokenAudience ?? settings.audience,
    sessionDuration: `${settings.sessionDuration}s`,
    sessionName: settings.sessionName,
    sessionPolicy: settings.sessionPolicy,
    sessionPolicyArns: settings.sessionPolicyArns?.join(' '),
    assumeRoleArn: chain?.roles.join(' '),
    assumeRoleExternalId: chain?.externalId,
    assumeRoleTags: chain?.tags && [...chain.tags].map(([key, value]) => pair(key, value)).join(' '),
    sourceIdentity: chain?.sourceIdentity,
    identityProvider: provider?.name,
    region: sts.region,
    stsEndpoint: sts.endpoint,
    credentialsPort: String(settings.credentialsPort),
    metricsPort: String(settings.metricsPort),
  }
  const asked = Object.entries(texts).map(([key, text]) => [variableOfPod(key as PodKey), text] as const)
  const places = [
    ['log.level', context.config['sidecar.logLevel']],
    ...outboundTexts(context),
    ['provider.config', provider?.text],
    ['startGate.seconds', String(gateSeconds)],
    ['identity.tokenFile', IDENTITY_TOKEN_FILE],
    ['endpoint.tokensDirectory', PATHS.endpoint],
    ['state.directory', PATHS.state],
    ['termination.log', TERMINATION_LOG],
  ] as const
  return literals([...asked, ...places.map(([key, text]) => [NAMES[key], text] as const)])
}

const NAMES = variablesOf([
  'log.level',
  'sts.ca',
  'aws.fips',
  'aws.dualStack',
  'outbound.proxy',
  'outbound.noProxy',
  'provider.config',
  'startGate.seconds',
  'identity.tokenFile',
  'endpoint.tokensDirectory',
  'state.directory',
  'termination.log',
])

/** How the pod's calls reach STS and others; nothing is written of what is usual. */
export const outboundTexts = ({ config, stsCa }: InjectionContext) =>
  [
    ['sts.ca', stsCa],
    ['aws.fips', config['aws.fips'] ? 'true' : undefined],
    ['aws.dualStack', config['aws.dualStack'] ? 'true' : undefined],
    ['outbound.proxy', config['outbound.proxy']],
    ['outbound.noProxy', config['outbound.noProxy']?.join(' ')],
  ] as const
