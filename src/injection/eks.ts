/**
 * What Amazon's EKS pod identity webhook does with pods of annotated ServiceAccounts (IRSA), so that it can be replaced:
 * the same variables, volume and mount, added where they are missing, and nothing else touched.
 */
import type { Problem } from '../errors/index.ts'
import { EKS_PREFIX, podSettings, type RoleReference, readText } from '../settings/index.ts'
import { isAddressed } from './asked.ts'
import { ownsVolume } from './layout.ts'
import { appendPatch, pointer } from './listPatch.ts'
import { isRequired, permissionOf } from './permission.ts'
import { isWindows, list, readPod } from './pod.ts'
import { skippedByEks, textIn } from './sources.ts'
import { arnOf } from './targets.ts'
import type {
  AdmissionOutcome,
  Annotations,
  Container,
  EnvVar,
  InjectionContext,
  JsonPatchOperation,
  Pod,
} from './types.ts'

const VOLUME = 'aws-iam-token'
const MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount'
const TOKEN_FILE = `${MOUNT_PATH}/token`

const skip: AdmissionOutcome = { kind: 'skip', reason: 'NotRequested', warnings: [] }

/** The decision about a pod whose ServiceAccount may carry EKS's annotations, as an admission webhook answers it. */
export function admitEks(raw: unknown, context: InjectionContext): AdmissionOutcome {
  const { config, sources } = context
  const annotations = sources?.serviceAccount.annotations ?? {}
  if (!config['compatibility.eks'] || said(annotations, 'role-arn') === undefined) return skip
  const read = readPod(raw)
  if ('problems' in read) return { kind: 'deny', problems: read.problems, warnings: [] }
  const { pod } = read
  // Who speaks to Lanyard is answered by it, as is whom its entry for whole namespaces has injected already.
  if (isAddressed(pod.metadata.annotations ?? {}) || isAddressed(annotations)) return skip
  if (list(pod.spec.volumes).some(({ name }) => ownsVolume(name))) return skip
  const asked = readEks(pod, annotations, context)
  if ('problems' in asked) return { kind: 'deny', problems: asked.problems, warnings: [] }
  return { kind: 'inject', patch: patchFor(pod, asked, context), warnings: [], audit: { role: asked.roleArn } }
}

/** Expiration in seconds. */
type Eks = {
  readonly roleArn: string
  readonly audience: string
  readonly tokenExpiration: number
  readonly regional: boolean
}

const said = (annotations: Annotations, name: string): string | undefined =>
  textIn(annotations, EKS_PREFIX + name)?.trim()

function readEks(pod: Pod, account: Annotations, context: InjectionContext): Eks | { problems: readonly Problem[] } {
  const { config } = context
  const problems: Problem[] = []
  const field = (name: string): string =>
    `ServiceAccount ${context.sources?.serviceAccount.name}: metadata.annotations[${EKS_PREFIX}${name}]`
  const parse = <T>(name: string, kind: Parameters<typeof readText<T>>[0], fallback: T): T => {
    const text = said(account, name)
    const read =
      text === undefined ? { value: fallback } : readText(kind, text, { code: 'AnnotationInvalid', field: field(name) })
    if (!('problem' in read)) return read.value
    problems.push(read.problem)
    return fallback
  }
  const reference = parse<RoleReference>('role-arn', podSettings.roleArn.kind, { name: '' })
  const roleArn = arnOf(reference, config)
  const audience = parse('audience', podSettings.audience.kind, config['defaults.audience'])
  if (problems.length === 0) problems.push(...refusals(roleArn, field('role-arn'), context))
  if (roleArn === undefined || problems.length > 0) return { problems }
  return {
    roleArn,
    audience,
    tokenExpiration: expirationOf(pod, account, config['defaults.tokenExpiration']),
    regional: isRegional(account, context),
  }
}

function refusals(roleArn: string | undefined, field: string, context: InjectionContext): Problem[] {
  if (roleArn === undefined) {
    return [
      { code: 'RoleAccountUnknown', field, message: 'it is the name of a role, and the operator has set no account' },
    ]
  }
  if (isRequired(context.config)) {
    const fix = 'Have the sidecar instead: set lanyard.dev/inject: "true" on the pod.'
    return [{ code: 'DirectModeNotPermitted', field, message: 'the operator requires roles to be permitted', fix }]
  }
  const refused = permissionOf(roleArn, context)
  return refused === undefined ? [] : [{ field, ...refused }]
}

/** EKS's range; what is no number there is as good as absent. */
const [LEAST, MOST] = [600, 86_400]

function expirationOf(pod: Pod, account: Annotations, fallback: number): number {
  const texts = [said(pod.metadata.annotations ?? {}, 'token-expiration'), said(account, 'token-expiration')]
  const text = texts.find((candidate) => /^\d{1,12}$/.test(candidate ?? ''))
  return text === undefined ? fallback : Math.min(MOST, Math.max(LEAST, Number(text)))
}

/** Where a region is known, since every SDK of today does so by itself. */
const isRegional = (account: Annotations, { config }: InjectionContext): boolean => {
  const text = said(account, 'sts-regional-endpoints')?.toLowerCase()
  return text === undefined ? config['aws.region'] !== undefined : ['true', 't', '1'].includes(text)
}

function patchFor(pod: Pod, eks: Eks, context: InjectionContext): readonly JsonPatchOperation[] {
  const skipped = skippedByEks(pod, context)
  const inOf = (field: 'initContainers' | 'containers'): readonly JsonPatchOperation[] =>
    list(pod.spec[field]).flatMap((container, index) =>
      skipped.includes(container.name)
        ? []
        : containerPatch(container, ['spec', field, String(index)], eks, pod, context),
    )
  return [...inOf('initContainers'), ...inOf('containers'), ...volumePatch(pod, eks)]
}

function containerPatch(
  { env, volumeMounts }: Container,
  path: readonly string[],
  eks: Eks,
  pod: Pod,
  context: InjectionContext,
): readonly JsonPatchOperation[] {
  const has = (...names: readonly string[]): boolean => list(env).some(({ name }) => names.includes(name))
  const region = context.config['aws.region']
  const [hasSts, hasRegion] = [has('AWS_STS_REGIONAL_ENDPOINTS'), has('AWS_REGION', 'AWS_DEFAULT_REGION')]
  const hasIdentity = has('AWS_ROLE_ARN', 'AWS_WEB_IDENTITY_TOKEN_FILE')
  // Who says all of it gets not even the mount.
  if (hasSts && hasRegion && hasIdentity) return []
  const variables: EnvVar[] = []
  if (eks.regional && !hasSts) variables.push({ name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' })
  if (region !== undefined && !hasRegion)
    variables.push({ name: 'AWS_DEFAULT_REGION', value: region }, { name: 'AWS_REGION', value: region })
  if (!hasIdentity)
    variables.push(
      { name: 'AWS_ROLE_ARN', value: eks.roleArn },
      { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: tokenFileOf(pod) },
    )
  const mounts = list(volumeMounts).some(({ name }) => name === VOLUME)
    ? []
    : [{ name: VOLUME, readOnly: true, mountPath: MOUNT_PATH }]
  return [
    ...appendPatch(pointer(...path, 'env'), env, variables),
    ...appendPatch(pointer(...path, 'volumeMounts'), volumeMounts, mounts),
  ]
}

const tokenFileOf = (pod: Pod): string => (isWindows(pod) ? `C:${TOKEN_FILE.replaceAll('/', '\\')}` : TOKEN_FILE)

function volumePatch({ spec }: Pod, { audience, tokenExpiration }: Eks): readonly JsonPatchOperation[] {
  if (list(spec.volumes).some(({ name }) => name === VOLUME)) return []
  const serviceAccountToken = { audience, expirationSeconds: tokenExpiration, path: 'token' }
  const volume = { name: VOLUME, projected: { sources: [{ serviceAccountToken }] } }
  return appendPatch(pointer('spec', 'volumes'), spec.volumes, [volume])
}
