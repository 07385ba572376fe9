import { codes, formatProblem, type Problem } from '../errors/index.ts'
import type { AdmissionOutcome } from '../injection/types.ts'
import { printable } from '../terminal/printable.ts'

/** Kubernetes API, admission.k8s.io/v1, AdmissionResponse. */
type Response = {
  readonly uid: string
  readonly allowed: boolean
  readonly patchType?: 'JSONPatch'
  readonly patch?: string
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string }
}

/** What the API server is answered, as JSON. */
export type ReviewAnswer = {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: Response
}

/** The API server cuts a warning at 256 characters and drops what exceeds 4,096 of all webhooks together. */
const warningLimits = { longest: 256, total: 2_048 }
const auditLimits = { most: 16, longest: 4_096 }
const messageLimits = { longest: 2_048, total: 32_768 }
/** What the API server accepts after the `/` of an audit annotation's key (a qualified name's second part). */
const auditKey = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

const answer = (response: Response): ReviewAnswer => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response,
})

/** The answer that carries the outcome to the API server, within its limits. */
export function answerOutcome(uid: string, outcome: AdmissionOutcome): ReviewAnswer {
  switch (outcome.kind) {
    case 'inject':
      return answer({ uid, allowed: true, ...patchOf(outcome.patch), ...notes(outcome, outcome.audit) })
    case 'skip':
      return answer({ uid, allowed: true, ...notes(outcome, { reason: outcome.reason }) })
    case 'deny':
      return answer({
        uid,
        allowed: false,
        ...notes(outcome, { reason: [...new Set(outcome.problems.map(({ code }) => code))].join(',') }),
        status: { code: 403, reason: 'Forbidden', message: denialMessage(outcome.problems) },
      })
    default:
      // Not for the compiler: whoever decides could be wrong, and then nothing may pass.
      throw new TypeError('an outcome of no known kind')
  }
}

/**
 * The answer as JSON. Most of it is the patch, in which JSON.stringify would look for what is to be escaped, which takes
 * longer than all the rest; in base64 there is nothing.
 */
export function textOf(answered: ReviewAnswer): string {
  const { response } = answered
  if (response.patch === undefined) return JSON.stringify(answered)
  const text = JSON.stringify({ ...answered, response: { ...response, patch: '' } })
  // What stands before it, the uid, has its quotation marks escaped.
  return text.replace('"patch":""', () => `"patch":"${response.patch}"`)
}

/** The answer where deciding failed: the pod is refused, since without us it would run on its node's role. */
export function answerInternal(uid: string): ReviewAnswer {
  const message = `Internal: ${codes.Internal.cause} ${codes.Internal.fix}`
  return answer({ uid, allowed: false, status: { code: 500, reason: 'InternalError', message } })
}

function patchOf(patch: readonly unknown[]): Partial<Response> {
  if (patch.length === 0) return {}
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
}

function notes(outcome: AdmissionOutcome, audit: Readonly<Record<string, string>>): Partial<Response> {
  const warnings = withinTotal(outcome.warnings.map((text) => printable(text, warningLimits.longest)).filter(Boolean))
  const entries = Object.entries({ ...audit, outcome: outcome.kind })
    .filter(([key]) => auditKey.test(key))
    .slice(-auditLimits.most)
    .map(([key, value]) => [key, printable(value, auditLimits.longest)] as const)
  return {
    ...(warnings.length === 0 ? {} : { warnings }),
    auditAnnotations: Object.fromEntries(entries),
  }
}

function withinTotal(warnings: readonly string[]): readonly string[] {
  const { kept, left } = leading(warnings, warningLimits.total)
  return left === 0 ? kept : [...kept, `Lanyard has ${left} more warnings about this pod.`]
}

function denialMessage(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const lines = problems.map((problem) => printable(formatProblem(problem), messageLimits.longest))
  const { kept, left } = leading(lines, messageLimits.total)
  const rest = left === 0 ? [] : [`and ${left} more`]
  return [`Lanyard cannot inject this pod: ${count}`, ...kept, ...rest].join('\n')
}

/** The leading texts that fit into `total` UTF-16 units, and how many are left out. */
function leading(texts: readonly string[], total: number): { kept: readonly string[]; left: number } {
  let used = 0
  const end = texts.findIndex((text) => {
    used += text.length
    return used > total
  })
  return end === -1 ? { kept: texts, left: 0 } : { kept: texts.slice(0, end), left: texts.length - end }
}
