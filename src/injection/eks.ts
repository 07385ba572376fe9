/**
 * What Amazon's EKS pod identity webhook does with pods of annotated ServiceAccounts (IRSA), so that it can be replaced:
 * the same variables, volume and mount, added where they are missing, and nothing else touched.
 */
import type { Problem } from '../errors/index.ts'
import { annotationOf, EKS_PREFIX } from '../settings/index.ts'
import { isAddressed } from './asked.ts'
import { eksPatch } from './eksPatch.ts'
import { ownsVolume } from './layout.ts'
import { directReason, permissionOf } from './permission.ts'
import { isMirror, list, readPod } from './pod.ts'
import { eksExpiration, saysEksTrue, skippedByEks, textIn } from './sources.ts'
import { arnOf } from './targets.ts'
import type { AdmissionOutcome, Annotations, Eks, InjectionContext, Pod } from './types.ts'

const skip = (...warnings: readonly string[]): AdmissionOutcome => ({ kind: 'skip', reason: 'NotRequested', warnings })

/** The decision about a pod whose ServiceAccount may carry EKS's annotations, as an admission webhook answers it. */
export function admitEks(raw: unknown, context: InjectionContext): AdmissionOutcome {
  const { config, sources } = context
  const account = sources?.serviceAccount.annotations ?? {}
  const asks = said(account, 'role-arn')
  if (!config['compatibility.eks'] || asks === undefined) return skip()
  const read = readPod(raw)
  if ('problems' in read) return { kind: 'deny', problems: read.problems, warnings: [] }
  const { pod } = read
  if (isMirror(pod) || isLanyards(pod, account)) return skip()
  const [roleArn, ...warnings] = roleOf(asks, config)
  if (roleArn.length > LONGEST) return skip(`the ServiceAccount's ${EKS_PREFIX}role-arn is too long to be a role`)
  const problems = refusals(roleArn, context)
  if (problems.length > 0) return { kind: 'deny', problems, warnings }
  return {
    kind: 'inject',
    patch: eksPatch(pod, eksOf(pod, account, roleArn, context)),
    warnings,
    audit: { role: roleArn },
  }
}

/** RoleArn of AssumeRoleWithWebIdentity; audiences are bounded likewise. */
const LONGEST = 2048

/** Whether a ServiceAccount says a role to EKS's webhook. */
export const asksEks = (account: Annotations): boolean => said(account, 'role-arn') !== undefined

/** Absent where it is empty, as charts write what has no value. */
const said = (annotations: Annotations, name: string): string | undefined =>
  textIn(annotations, EKS_PREFIX + name)?.trim() || undefined

/** Who speaks to Lanyard is answered by it, and so is a pod that has what is Lanyard's already. */
const isLanyards = (pod: Pod, account: Annotations): boolean =>
  isAddressed(pod.metadata.annotations ?? {}) ||
  textIn(account, annotationOf('inject'))?.trim() === 'false' ||
  list(pod.spec.volumes).some(({ name }) => ownsVolume(name))

/** What is no role goes into the pod as it is, where STS refuses it in words; with EKS's webhook such a pod runs, too. */
function roleOf(text: string, config: InjectionContext['config']): readonly [string, ...string[]] {
  if (text.startsWith('arn:')) return [text]
  const arn = /^[\w+=,.@/-]+$/.test(text) ? arnOf({ name: text }, config) : undefined
  return arn === undefined ? [text, `the ServiceAccount's ${EKS_PREFIX}role-arn is no ARN: STS will refuse it`] : [arn]
}

const SIDECAR = 'Have the sidecar instead: set lanyard.dev/inject: "true" on the pod.'

function refusals(roleArn: string, context: InjectionContext): readonly Problem[] {
  const field = `ServiceAccount ${context.sources?.serviceAccount.name}: metadata.annotations[${EKS_PREFIX}role-arn]`
  const reason = directReason(context.config)
  if (reason !== undefined) return [{ code: 'DirectModeNotPermitted', field, message: reason, fix: SIDECAR }]
  const refused = permissionOf(roleArn, context)
  return refused === undefined ? [] : [{ field, ...refused }]
}

function eksOf(pod: Pod, account: Annotations, roleArn: string, context: InjectionContext): Eks {
  const { config } = context
  const audience = said(account, 'audience')?.slice(0, LONGEST) ?? config['defaults.audience']
  const region = config['aws.region']
  return {
    roleArn,
    audience,
    region,
    tokenExpiration:
      eksExpiration(said(pod.metadata.annotations ?? {}, 'token-expiration')) ??
      eksExpiration(said(account, 'token-expiration')) ??
      config['defaults.tokenExpiration'],
    // Every SDK of today does so by itself where it knows a region.
    regional: saysEksTrue(said(account, 'sts-regional-endpoints')) ?? region !== undefined,
    skipped: skippedByEks(pod, context),
  }
}
