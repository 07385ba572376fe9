import type { IncomingHttpHeaders } from 'node:http'
import type { Code, Failure } from '../errors/index.ts'
import { type JsonObject, parseObject } from '../json/index.ts'
import { failureOf, invalidAnswer, quote } from './explain.ts'
import type { ClusterRequest, Milliseconds } from './types.ts'

export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly secrets: readonly string[]
}

/** What an exchange came to. */
export type Outcome =
  | { readonly kind: 'answered'; readonly value: JsonObject }
  /** The object has changed since the version that was sent along. */
  | { readonly kind: 'conflict' }
  /** The version is too old to be watched from, or to be listed on from. */
  | { readonly kind: 'gone' }
  | Failed

export type Failed = {
  readonly kind: 'failed'
  readonly failure: Failure
  /** For how long the server asks to be left alone. */
  readonly retryAfter?: Milliseconds | undefined
}

export const failed = (failure: Failure, retryAfter?: Milliseconds): Failed => ({ kind: 'failed', failure, retryAfter })

/** It was not answered, so that asking again may help. */
export const isUnreachable = (outcome: Outcome): outcome is Failed =>
  outcome.kind === 'failed' && outcome.failure.code === 'ClusterUnreachable'

/** What an answer means, by the status codes of the Kubernetes API conventions. */
export function judge({ status, headers, text, secrets }: Answer, request: ClusterRequest): Outcome {
  const value = parseObject(text)
  if (status === 200) {
    return value === undefined
      ? failed(invalidAnswer(request, 'HTTP 200 with something else than a JSON object'))
      : { kind: 'answered', value }
  }
  if (status === 409 && request.verb === 'patch') return { kind: 'conflict' }
  if (status === 410 && (request.verb === 'watch' || request.verb === 'list')) return { kind: 'gone' }
  const words = request.isRelayed === true ? wordsOfProxy(value?.['message']) : quote(value?.['message'], secrets)
  const message = `HTTP ${status}${words === '' ? '' : `: ${words}`}`
  if (request.isRelayed === true && isOfPod(status, value))
    return failed(invalidAnswer(request, `the pod, or what stands before the API server, answers ${message}`))
  return failed(failureOf(codeOf(status, value), request, message), readRetryAfter(headers['retry-after']))
}

/** Through the proxy a pod can say whatever an API server says. Its words are nobody's advice, but these can do no harm. */
const wordsOfProxy = (message: unknown): string =>
  typeof message === 'string' && /^error trying to reach service: [\w.:[\] -]{1,200}$/.test(message) ? message : ''

/** A refusal that came through the proxy, and is not the API server's own: that is a Status with its reason. */
const isOfPod = (status: number, value: JsonObject | undefined): boolean =>
  codeOf(status, value) === 'ClusterForbidden' &&
  !(value?.['kind'] === 'Status' && (value['reason'] === 'Forbidden' || value['reason'] === 'Unauthorized'))

/** A policy that denies answers 422, if it is not told otherwise. A 404 that is no Status is not the API's word. */
function codeOf(status: number, value: JsonObject | undefined): Code {
  if (status === 401 || status === 403 || status === 422) return 'ClusterForbidden'
  if (status === 404) return value?.['kind'] === 'Status' ? 'ClusterObjectMissing' : 'ClusterAnswerInvalid'
  return status === 429 || status >= 500 ? 'ClusterUnreachable' : 'ClusterAnswerInvalid'
}

/** In whole seconds, the form that API servers use (RFC 9110, section 10.2.3). */
const readRetryAfter = (header: string | undefined): Milliseconds | undefined =>
  /^\d{1,6}$/.test(header ?? '') ? Number(header) * 1_000 : undefined
