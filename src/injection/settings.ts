import type { Problem } from '../errors/index.ts'
import { POLICY_CHARACTERS, type PodValues } from '../settings/index.ts'
import { type Asked, about } from './asked.ts'
import { isMore, shareOf } from './resources.ts'
import type { Delivery, InjectionContext, InjectionSettings, Pod, Target } from './types.ts'

/** What the pod asks for, with the operator's defaults where it says nothing. */
export function resolveSettings(pod: Pod, values: PodValues, context: InjectionContext): InjectionSettings {
  const { config } = context
  const region = values.region ?? config['aws.region']
  const stsEndpoint = values.stsEndpoint ?? config['aws.stsEndpoint']
  return {
    delivery: deliveryOf(values),
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

/** The protocol is the sidecar's; beside direct mode it is denied. */
const deliveryOf = ({ mode, protocol = 'container' }: PodValues): Delivery => (mode === 'direct' ? mode : protocol)

/** Values that are fine one by one, but not together, or not here. */
export function findContradictions(asked: Asked, settings: InjectionSettings, context: InjectionContext): Problem[] {
  return [...samePorts(asked, settings), ...tooMuchPolicy(asked), ...notForPods(asked, context), ...overLimits(asked)]
}

function samePorts(asked: Asked, { credentialsPort, metricsPort }: InjectionSettings): Problem[] {
  if (credentialsPort !== metricsPort) return []
  const key = asked.values.metricsPort === undefined ? 'credentialsPort' : 'metricsPort'
  return [
    about(asked, key, 'AnnotationsConflict', 'both ports of the sidecar are the same', 'Give them different numbers.'),
  ]
}

function tooMuchPolicy(asked: Asked): Problem[] {
  const { sessionPolicy = '', sessionPolicyArns = [] } = asked.values
  const count = sessionPolicy.length + sessionPolicyArns.join('').length
  if (count <= POLICY_CHARACTERS) return []
  const message = `with the session policy it has ${count} characters; STS takes ${POLICY_CHARACTERS}`
  return [about(asked, 'sessionPolicyArns', 'AnnotationsConflict', message, 'Shorten one of the two.')]
}

/** What is for the operator alone to set. */
function notForPods(asked: Asked, { config }: InjectionContext): Problem[] {
  const { sessionName, stsEndpoint } = asked.values
  const problems: Problem[] = []
  if (sessionName !== undefined && config['defaults.lockSessionName']) {
    problems.push(
      about(asked, 'sessionName', 'SessionNameLocked', 'the operator has set the session name for all pods'),
    )
  }
  const allowed = [...(config['aws.allowedStsEndpoints'] ?? []), config['aws.stsEndpoint']]
  if (stsEndpoint !== undefined && !allowed.includes(stsEndpoint)) {
    problems.push(about(asked, 'stsEndpoint', 'StsEndpointNotAllowed', `${stsEndpoint} is not allowed`))
  }
  return problems
}

function overLimits(asked: Asked): Problem[] {
  const { values } = asked
  const pairs = [
    ['sidecarCpuRequest', values.sidecarCpuRequest, values.sidecarCpuLimit],
    ['sidecarMemoryRequest', values.sidecarMemoryRequest, values.sidecarMemoryLimit],
  ] as const
  const fix = 'Raise the limit, or lower the request.'
  return pairs
    .filter(([, request, limit]) => request !== undefined && limit !== undefined && isMore(request, limit))
    .map(([key]) => about(asked, key, 'AnnotationsConflict', 'the request is more than the limit', fix))
}

/** The partitions whose regions can be told by their names; of others nothing is claimed. */
const REGIONS: Readonly<Record<string, RegExp>> = {
  aws: /^(?!us-gov-|us-iso|cn-|eusc-|eu-iso)/,
  'aws-cn': /^cn-/,
  'aws-us-gov': /^us-gov-/,
}

/** Only the partition `aws` has a global STS endpoint, and none has regions of another. An endpoint that is given decides. */
function regionProblem(role: Target, asked: Asked, settings: InjectionSettings): Problem | undefined {
  const { region, stsEndpoint, delivery } = settings
  // Whatever IMDS said instead would be taken for the truth.
  if (region === undefined && delivery === 'imds')
    return about(asked, 'region', 'RegionMissing', 'IMDS is asked for the region of the pod, and none is set')
  const partition = role.roleArn.split(':')[1] ?? ''
  const whose = `the role of container ${role.container} is in the partition ${partition}`
  if (stsEndpoint !== undefined) return undefined
  if (region === undefined)
    return partition === 'aws' ? undefined : about(asked, 'region', 'RegionMissing', `${whose}, and no region is set`)
  const isRight = REGIONS[partition]?.test(region) ?? true
  return isRight ? undefined : about(asked, 'region', 'RegionOfAnotherPartition', `${whose}, and ${region} is not`)
}

/** Of the first container whose role is elsewhere. */
export function regionProblems(targets: readonly Target[], asked: Asked, settings: InjectionSettings): Problem[] {
  for (const target of targets) {
    const problem = regionProblem(target, asked, settings)
    if (problem !== undefined) return [problem]
  }
  return []
}

const SHORT_SESSION_SECONDS = 25 * 60

export function adviceOn(settings: InjectionSettings, { stsCa }: InjectionContext): string[] {
  const warnings: string[] = []
  const isDirect = settings.delivery === 'direct'
  if (!isDirect && settings.sessionDuration <= SHORT_SESSION_SECONDS) {
    warnings.push(
      'sessions of 25 minutes or less make botocore and .NET ask for credentials on every call: consider 1h',
    )
  }
  if (settings.region === undefined) {
    warnings.push(
      'no region is set: STS is asked at its global endpoint, and the app gets no AWS_REGION; set lanyard.dev/region',
    )
  }
  if (isDirect && stsCa !== undefined) {
    warnings.push("in direct mode the app's SDK must itself trust the private authority of the STS endpoint")
  }
  return warnings
}
