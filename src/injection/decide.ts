import type { Problem } from '../errors/index.ts'
import { POLICY_CHARACTERS, type PodValues, type Read } from '../settings/index.ts'
import { about, fieldOf, isAddressed, isOptedOut, readAnnotations } from './annotations.ts'
import {
  mountProblems,
  nameProblems,
  type Placed,
  placedContainers,
  portProblems,
  sharingProblems,
} from './collisions.ts'
import { judgeEnv } from './environment.ts'
import { readPod } from './pod.ts'
import { isMore, raisedPodResources, shareOf } from './resources.ts'
import { sidecarContainer, volumesFor } from './sidecar.ts'
import { commonContainers, positionOf, selectTargets } from './targets.ts'
import type { Decision, InjectionContext, InjectionSettings, Plan, Pod, Target } from './types.ts'

/**
 * Whether a pod is injected, left alone or refused. Pure: the same pod and context give the same decision, on every pass.
 * `raw` is the pod as JSON, from whoever; nothing of it is changed.
 */
export function decide(raw: unknown, context: InjectionContext): Decision {
  const read = readPod(raw)
  if ('problems' in read) return { kind: 'deny', problems: read.problems, warnings: [] }
  const { pod } = read
  const annotations = pod.metadata.annotations ?? {}
  if (!isAddressed(annotations)) return { kind: 'skip', reason: 'NotRequested', warnings: [] }
  if (isOptedOut(annotations)) return { kind: 'skip', reason: 'OptedOut', warnings: [] }
  if (Object.hasOwn(annotations, 'kubernetes.io/config.mirror'))
    return { kind: 'skip', reason: 'MirrorPod', warnings: [] }
  if (pod.spec.os?.name === 'windows')
    return {
      kind: 'skip',
      reason: 'WindowsPod',
      warnings: ['Lanyard has no sidecar for Windows: this pod gets no credentials'],
    }
  return weigh(pod, annotations, context)
}

function weigh(pod: Pod, annotations: Readonly<Record<string, string>>, context: InjectionContext): Decision {
  const asked = readAnnotations(annotations)
  const { values } = asked
  const isClear = isRoleClear(asked)
  const selection = isClear ? selectTargets(pod, values, context) : { targets: [], problems: [] }
  const names = isClear ? selection.targets.map(({ container }) => container) : likelyNames(pod, asked, context)
  const settings = settle(pod, values, context)
  const found = look(pod, new Set(names), settings, values, context)
  const contradictions = [...contradict(values, settings, context), ...regionProblems(selection.targets, settings)]
  const problems = [...asked.problems, ...selection.problems, ...unsaid(contradictions, asked), ...found.problems]
  if (problems.length > 0) return { kind: 'deny', problems, warnings: found.warnings }
  const warnings = [...found.warnings, ...advice(settings)]
  return { kind: 'inject', plan: planFor(pod, selection.targets, settings, context), warnings }
}

/** Where the annotations that say the role are themselves wrong or misspelt, "no role" would only blur the message. */
function isRoleClear({ values, problems }: Read<PodValues>): boolean {
  const fields = (['roleArn', 'containers', 'containerRoles', 'inject'] as const).map(fieldOf)
  const isSilent = values.roleArn === undefined && values.containerRoles === undefined
  return !problems.some(({ code, field = '' }) => fields.includes(field) || (isSilent && code === 'AnnotationUnknown'))
}

/** Who would get credentials if the role were right, so that what else is wrong is said now and not the next time. */
function likelyNames(pod: Pod, { values, problems }: Read<PodValues>, context: InjectionContext): readonly string[] {
  const unclear = (['containers', 'containerRoles'] as const).map(fieldOf)
  return problems.some(({ field = '' }) => unclear.includes(field)) ? [] : commonContainers(pod, values, context)
}

/** Without those about an annotation that is wrong in itself. */
const unsaid = (problems: readonly Problem[], asked: Read<PodValues>): readonly Problem[] =>
  problems.filter(({ field }) => !asked.problems.some((problem) => problem.field === field))

function settle(pod: Pod, values: PodValues, context: InjectionContext): InjectionSettings {
  const { config } = context
  const region = values.region ?? config['aws.region']
  const stsEndpoint = values.stsEndpoint ?? config['aws.stsEndpoint']
  return {
    audience: values.audience ?? config['defaults.audience'],
    tokenExpiration: values.tokenExpiration ?? config['defaults.tokenExpiration'],
    sessionDuration: values.sessionDuration ?? config['defaults.sessionDuration'],
    sessionName: values.sessionName ?? config['defaults.sessionName'],
    ...(values.sessionPolicy === undefined ? {} : { sessionPolicy: values.sessionPolicy }),
    ...(values.sessionPolicyArns === undefined ? {} : { sessionPolicyArns: values.sessionPolicyArns }),
    ...(region === undefined ? {} : { region }),
    ...(stsEndpoint === undefined ? {} : { stsEndpoint }),
    credentialsPort: values.credentialsPort ?? config['defaults.credentialsPort'],
    metricsPort: values.metricsPort ?? config['defaults.metricsPort'],
    resources: shareOf(pod, values, config),
  }
}

type Found = { problems: Problem[]; warnings: string[] }

/** Everything in the pod that stands in the way, container by container. */
function look(
  pod: Pod,
  names: ReadonlySet<string>,
  settings: InjectionSettings,
  values: PodValues,
  context: InjectionContext,
): Found {
  const placed = placedContainers(pod)
  const isTarget = ({ container }: Placed): boolean => names.has(container.name)
  const sharing = sharingProblems(pod, values)
  const env = placed.filter(isTarget).map((one) => judgeEnv(one, context))
  return {
    problems: [
      ...sharing.problems,
      ...nameProblems(placed),
      ...placed.flatMap((one) => mountProblems(one, isTarget(one))),
      ...portProblems(placed, settings),
      ...env.flatMap(({ problems }) => problems),
    ],
    warnings: [...sharing.warnings, ...env.flatMap(({ warnings }) => warnings)],
  }
}

/** Values that are fine one by one, but not together, or not here. */
function contradict(values: PodValues, settings: InjectionSettings, { config }: InjectionContext): Problem[] {
  const {
    sessionPolicy = '',
    sessionPolicyArns = [],
    sidecarCpuRequest,
    sidecarCpuLimit,
    sidecarMemoryRequest,
    sidecarMemoryLimit,
  } = values
  const policies = sessionPolicy.length + sessionPolicyArns.join('').length
  const allowed = [...(config['aws.allowedStsEndpoints'] ?? []), config['aws.stsEndpoint']]
  const rules: readonly (readonly [broken: boolean, ...Parameters<typeof about>])[] = [
    [
      settings.credentialsPort === settings.metricsPort,
      values.metricsPort === undefined ? 'credentialsPort' : 'metricsPort',
      'AnnotationsConflict',
      'both ports of the sidecar are the same',
      'Give them different numbers.',
    ],
    [
      policies > POLICY_CHARACTERS,
      'sessionPolicyArns',
      'AnnotationsConflict',
      `with the session policy it has ${policies} characters; STS takes ${POLICY_CHARACTERS}`,
      'Shorten one of the two.',
    ],
    [
      values.sessionName !== undefined && config['defaults.lockSessionName'],
      'sessionName',
      'SessionNameLocked',
      'the operator has set the session name for all pods',
    ],
    [
      values.stsEndpoint !== undefined && !allowed.includes(values.stsEndpoint),
      'stsEndpoint',
      'StsEndpointNotAllowed',
      `${values.stsEndpoint} is not allowed`,
    ],
    [
      exceeds(sidecarCpuRequest, sidecarCpuLimit),
      'sidecarCpuRequest',
      'AnnotationsConflict',
      'the request is more than the limit',
      'Raise the limit, or lower the request.',
    ],
    [
      exceeds(sidecarMemoryRequest, sidecarMemoryLimit),
      'sidecarMemoryRequest',
      'AnnotationsConflict',
      'the request is more than the limit',
      'Raise the limit, or lower the request.',
    ],
  ]
  return rules.filter(([broken]) => broken).map(([, ...problem]) => about(...problem))
}

const exceeds = (request: string | undefined, limit: string | undefined): boolean =>
  request !== undefined && limit !== undefined && isMore(request, limit)

/** Only the partition `aws` has a global STS endpoint. */
function regionProblems(targets: readonly Target[], settings: InjectionSettings): Problem[] {
  const elsewhere = targets.find(({ roleArn }) => !roleArn.startsWith('arn:aws:'))
  if (elsewhere === undefined || settings.region !== undefined) return []
  return [
    about(
      'region',
      'RegionMissing',
      `the role of container ${elsewhere.container} is not in the partition aws, and no region is set`,
    ),
  ]
}

const SHORT_SESSION_SECONDS = 25 * 60

function advice(settings: InjectionSettings): string[] {
  const warnings: string[] = []
  if (settings.sessionDuration <= SHORT_SESSION_SECONDS) {
    warnings.push(
      'sessions of 25 minutes or less make botocore and .NET ask for credentials on every call: consider 1h',
    )
  }
  if (settings.region === undefined) {
    warnings.push(
      'no region is set: STS is asked at its global endpoint, and the app gets no AWS_REGION; set lanyard.dev/region',
    )
  }
  return warnings
}

function planFor(pod: Pod, targets: readonly Target[], settings: InjectionSettings, context: InjectionContext): Plan {
  const podResources = raisedPodResources(pod, settings.resources)
  const roles = Object.fromEntries(targets.map(({ container, roleArn }) => [container, roleArn]))
  return {
    targets,
    settings,
    sidecar: sidecarContainer({ pod, targets, settings, context }),
    position: positionOf(pod, context.config['sidecar.meshContainers']),
    volumes: volumesFor(settings),
    ...(podResources === undefined ? {} : { podResources }),
    acceptedImages: context.config['sidecar.acceptedImages'] ?? [],
    status: JSON.stringify({ version: context.version, mode: 'sidecar', roles }),
  }
}
