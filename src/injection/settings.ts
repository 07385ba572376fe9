import type { Problem } from '../errors/index.ts'
import { annotationOf, LONGEST_CHAINED_SECONDS, POLICY_CHARACTERS, type PodValues } from '../settings/index.ts'
import { type Asked, about } from './asked.ts'
import { userCredentialsOf } from './broker.ts'
import { chainOf, chainProblems } from './chain.ts'
import { chosenProvider } from './identity.ts'
import { isMore, shareOf } from './resources.ts'
import type { Delivery, InjectionContext, InjectionSettings, Pod, Target } from './types.ts'

/** What the pod asks for, with the operator's defaults where it says nothing. */
export function resolveSettings(pod: Pod, values: PodValues, context: InjectionContext): InjectionSettings {
  const { config } = context
  const region = values.region ?? config['aws.region']
  const stsEndpoint = values.stsEndpoint ?? config['aws.stsEndpoint']
  const provider = chosenProvider(values, context)
  const tokenExpiration = values.tokenExpiration ?? config['defaults.tokenExpiration']
  return {
    delivery: deliveryOf(values),
    audience: values.audience ?? config['defaults.audience'],
    tokenExpiration: Math.min(tokenExpiration, provider?.tokenExpiration ?? tokenExpiration),
    sessionDuration: durationOf(values, config['defaults.sessionDuration']),
    sessionName: values.sessionName ?? config['defaults.sessionName'],
    credentialsPort: values.credentialsPort ?? config['defaults.credentialsPort'],
    metricsPort: values.metricsPort ?? config['defaults.metricsPort'],
    resources: shareOf(pod, values, config),
    ...present({
      sessionPolicy: values.sessionPolicy,
      sessionPolicyArns: values.sessionPolicyArns,
      chain: chainOf(values),
      provider,
      user: userCredentialsOf(values, context),
      region,
      stsEndpoint,
    }),
  }
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields that have a value. */
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>

/** The operator's default may be longer than a chain can be. */
const durationOf = ({ sessionDuration, assumeRoleArn }: PodValues, usual: number): number =>
  sessionDuration ?? (assumeRoleArn === undefined ? usual : Math.min(usual, LONGEST_CHAINED_SECONDS))

/** The protocol is the sidecar's; beside direct mode it is denied. */
const deliveryOf = ({ mode, protocol = 'container' }: PodValues): Delivery => (mode === 'direct' ? mode : protocol)

/** Values that are fine one by one, but not together, or not here. */
export function findContradictions(asked: Asked, settings: InjectionSettings, context: InjectionContext): Problem[] {
  return [
    ...samePorts(asked, settings),
    ...tooMuchPolicy(asked),
    ...notForPods(asked, context),
    ...overLimits(asked),
    ...chainProblems(asked),
  ]
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
  const { sessionName, stsEndpoint, sourceIdentity, assumeRoleArn } = asked.values
  const problems: Problem[] = []
  if (sessionName !== undefined && config['defaults.lockSessionName']) {
    problems.push(
      about(asked, 'sessionName', 'SessionNameLocked', 'the operator has set the session name for all pods'),
    )
  }
  // CloudTrail records the one like the other, through a whole chain.
  if (sourceIdentity !== undefined && assumeRoleArn !== undefined && config['defaults.lockSessionName']) {
    const message =
      'the operator has set how sessions are named for all pods, and a source identity is recorded like that'
    problems.push(
      about(asked, 'sourceIdentity', 'SessionNameLocked', message, `Remove ${annotationOf('sourceIdentity')}.`),
    )
  }
  const allowed = [...(config['aws.allowedStsEndpoints'] ?? []), config['aws.stsEndpoint']]
  if (stsEndpoint !== undefined && !allowed.includes(stsEndpoint)) {
    problems.push(about(asked, 'stsEndpoint', 'StsEndpointNotAllowed', `${stsEndpoint} is not allowed`))
  }
  return [...problems, ...reservedTags(asked, config), ...besideRegions(asked, config)]
}

/** IAM takes keys that differ in case alone for the same. */
function reservedTags(asked: Asked, config: InjectionContext['config']): Problem[] {
  const reserved = new Set((config['defaults.reservedTagKeys'] ?? []).map((key) => key.toLowerCase()))
  const keys = [...(asked.values.assumeRoleTags?.keys() ?? [])].filter((key) => reserved.has(key.toLowerCase()))
  if (keys.length === 0) return []
  return [about(asked, 'assumeRoleTags', 'TagKeyReserved', `the operator has reserved ${keys.join(', ')}`)]
}

/** What the operator has chosen among the region's endpoints. */
const chosenOf = (config: InjectionContext['config']): string =>
  (['aws.fips', 'aws.dualStack'] as const).filter((key) => config[key]).join(' and ')

/** An address would go past that, and so the sidecar refuses both. */
function besideRegions(asked: Asked, config: InjectionContext['config']): Problem[] {
  const chosen = chosenOf(config)
  if (asked.values.stsEndpoint === undefined || chosen === '') return []
  const message = `the operator has set ${chosen}, which choose among the region's own endpoints`
  const fix = 'Remove the annotation; lanyard.dev/region chooses the endpoint.'
  return [about(asked, 'stsEndpoint', 'StsEndpointNotAllowed', message, fix)]
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

const AWS_ENDPOINT = /^https:\/\/([^/:]+\.)?(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)([:/]|$)/i

/** AWS has no role without an account; other servers do, and their address must be known. */
function ofNoAccount(targets: readonly Target[], asked: Asked, settings: InjectionSettings): Problem[] {
  const { stsEndpoint, chain } = settings
  if (stsEndpoint !== undefined && !AWS_ENDPOINT.test(stsEndpoint)) return []
  const roles = [
    ...targets.map(({ own, roleArn }) => [own ? 'containerRoles' : 'roleArn', roleArn] as const),
    ...(chain?.roles ?? []).map((roleArn) => ['assumeRoleArn', roleArn] as const),
  ]
  const found = roles.find(([, roleArn]) => !/^arn:aws[a-z-]*:iam::\d{12}:/.test(roleArn))
  if (found === undefined) return []
  const [key, roleArn] = found
  const which = stsEndpoint === undefined ? 'no STS endpoint is set' : `${stsEndpoint} is that of AWS`
  return [about(asked, key, 'RoleOfNoAccount', `${roleArn} has no AWS account, and ${which}`)]
}

/** Of the first container whose role is elsewhere. */
export function regionProblems(
  targets: readonly Target[],
  asked: Asked,
  settings: InjectionSettings,
  { config }: InjectionContext,
): Problem[] {
  const foreign = ofNoAccount(targets, asked, settings)
  if (foreign.length > 0) return foreign
  const { region, stsEndpoint, delivery } = settings
  const chosen = delivery === 'direct' ? '' : chosenOf(config)
  if (region === undefined && stsEndpoint === undefined && chosen !== '') {
    const message = `the operator has set ${chosen}, which choose among a region's endpoints, and no region is set`
    return [about(asked, 'region', 'RegionMissing', message)]
  }
  for (const target of targets) {
    const problem = regionProblem(target, asked, settings)
    if (problem !== undefined) return [problem]
  }
  return otherPartition(targets, asked, settings)
}

/** No role of one partition can be assumed by credentials of another. */
function otherPartition(
  targets: readonly Target[],
  asked: Asked,
  { chain, stsEndpoint }: InjectionSettings,
): Problem[] {
  const first = targets.find(({ own }) => !own)
  const partitionOf = (arn: string): string => arn.split(':')[1] ?? ''
  const other = chain?.roles.find((arn) => first !== undefined && partitionOf(arn) !== partitionOf(first.roleArn))
  if (first === undefined || other === undefined || stsEndpoint !== undefined) return []
  const message = `${other} is in another partition than ${first.roleArn}, whose credentials are nothing there`
  const fix = 'Assume roles of one partition only.'
  return [about(asked, 'assumeRoleArn', 'AnnotationsConflict', message, fix)]
}

const SHORT_SESSION_SECONDS = 25 * 60

/** What the operator has set of the way to STS, which the app's own SDK does not know. */
const OF_THE_WAY = ['aws.fips', 'aws.dualStack', 'outbound.proxy'] as const

export function adviceOn(settings: InjectionSettings, { stsCa, config }: InjectionContext): string[] {
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
  const way = OF_THE_WAY.filter((key) => config[key])
  if (isDirect && way.length > 0) {
    warnings.push(
      `in direct mode the app's SDK calls STS by itself, and the operator's ${way.join(', ')} does not hold for it`,
    )
  }
  return warnings
}
