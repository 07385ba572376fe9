import type { Instant, Milliseconds } from '../credentials/types.ts'
import { Failure, toFailure } from '../errors/index.ts'
import { toNetworkFailure } from './networkErrors.ts'
import type { StsOperation } from './sts.ts'
import { foreignAnswer, invalidAnswer } from './stsErrors.ts'
import type { Timer } from './timer.ts'

/** What is asked, and whom. */
export type Question = { readonly operation: StsOperation | 'GetCallerIdentity'; readonly endpoint: string }

/** The clocks of an answer, whatever it says. */
export type Sighting = { readonly date: Instant | undefined; readonly localTime: Instant }

/** One call of STS. */
export type Attempt = Question & {
  readonly operation: StsOperation
  readonly roleArn: string
  /** What was sent and must not come back. */
  readonly secrets: readonly string[]
  readonly connectTimeout: Milliseconds
  readonly totalTimeout: Milliseconds
  readonly timer: Timer
}

/** STS's answers are about 2 kB long. */
const MOST_OF_ANSWER = 65_536

/** Throws Failure StsAnswerInvalid once an answer's body has more bytes than any of STS. */
export function checkSize(bytes: number, { endpoint }: Question): void {
  if (bytes > MOST_OF_ANSWER) throw invalidAnswer(`the answer of ${endpoint} is longer than ${MOST_OF_ANSWER} bytes`)
}

/** RFC 9110, section 6.6.1. */
export function parseDate(header: string | undefined): Instant | undefined {
  const date = Date.parse(header ?? '')
  return Number.isNaN(date) ? undefined : date
}

/** A document of STS: what may stand before its root, a declaration or a byte order mark, is not in `text`. */
export type StsDocument = { readonly root: string; readonly text: string }

/** Throws Failure for what STS cannot have sent, such as the page of a captive portal. */
export function checkDocument(body: string, status: number, { operation, endpoint }: Question): StsDocument {
  const root = /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*<([\w:]+)[\s>]/.exec(body)?.[1]
  const expected = status < 300 ? root === `${operation}Response` : root === 'ErrorResponse' || root === 'Error'
  if (status >= 300 && status < 400) throw invalidAnswer(`${endpoint} redirects (HTTP ${status}), which STS never does`)
  if (!expected || root === undefined)
    throw foreignAnswer(status, `${endpoint} answered HTTP ${status} with something else than the XML of STS`)
  return { root, text: body.slice(body.indexOf(`<${root}`)) }
}

/** A document with the right root, and nonsense in it. */
export const unreadable = ({ endpoint }: Question): Failure =>
  invalidAnswer(`${endpoint} answered with XML that does not parse as an answer of STS`)

/** Any throw of an attempt as a Failure; none is kept as a cause, since it may quote what was sent. */
export function explainAttempt(thrown: unknown, attempt: Attempt): Failure {
  if (attempt.timer.signal.aborted) return outOfTime(attempt)
  return thrown instanceof Failure ? thrown : offNetwork(thrown, attempt)
}

function outOfTime({ endpoint, roleArn, timer, totalTimeout }: Attempt): Failure {
  const detail = timer.expired() ? `no answer within ${totalTimeout} ms` : 'no answer before the attempt was given up'
  return toNetworkFailure({ endpoint, roleArn, reason: 'TimeoutError', detail }) ?? toFailure(undefined)
}

function offNetwork(thrown: unknown, { endpoint, roleArn, connectTimeout }: Attempt): Failure {
  const reason = textOf(thrown, 'code') ?? textOf(thrown, 'name') ?? ''
  // That of the connection is the one other timer there is.
  const detail = reason === 'TimeoutError' ? `no connection within ${connectTimeout} ms` : undefined
  return toNetworkFailure({ endpoint, roleArn, reason, detail }) ?? toFailure(thrown)
}

/** A property of something foreign, where it is text. */
export function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' ? found : undefined
}
