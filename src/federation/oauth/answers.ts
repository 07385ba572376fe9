import type { Instant } from '../../credentials/index.ts'
import { Failure } from '../../errors/index.ts'
import { type OutboundAnswer, redact } from '../index.ts'
import { parseObject } from './json.ts'

/** What of an answer is looked at. `place` is the address without its query, for messages. */
export type Answer = OutboundAnswer & { readonly place: string }

/** `problem` is the end of the sentence "the answer …", and quotes nothing secret. */
export const invalid = (place: string, problem: string): Failure =>
  new Failure({ code: 'ProviderAnswerInvalid', message: `the answer of ${place} ${problem}` })

/** The JSON object that an answer holds, whatever its status (RFC 6749, sections 5.1 and 5.2). Throws ProviderAnswerInvalid. */
export function readObject({ place, status, headers, body }: Answer): Readonly<Record<string, unknown>> {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!/^application\/([\w.-]+\+)?json$/.test(type)) {
    const found = type === '' ? 'no content type' : `the content type ${redact(type, [], 60)}`
    throw invalid(place, `(HTTP ${status}) has ${found}, where JSON was expected`)
  }
  const object = parseObject(body)
  if (object === undefined) throw invalid(place, `(HTTP ${status}) is no JSON object, or has a name twice`)
  return object
}

/** That it is busy or broken a server says by the status, and what stands before it in words of its own. */
export function checkAvailable({ place, status, headers, localTime }: Answer, said = ''): void {
  const code = status === 429 ? 'ProviderThrottled' : status >= 500 ? 'ProviderUnavailable' : undefined
  if (code === undefined) return
  const wait = retryAfter(headers['retry-after'], localTime)
  const again = wait === undefined ? '' : `; it asks to wait ${Math.ceil(wait / 1000)} s`
  throw new Failure({ code, message: `${place} answered HTTP ${status}${said}${again}` })
}

/** RFC 9110, section 10.2.3: seconds or a date; undefined where it says nothing that makes sense. */
export function retryAfter(header: string | undefined, localTime: Instant): number | undefined {
  if (header === undefined) return undefined
  const wait = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - localTime
  return wait > 0 ? wait : undefined
}

/** The clock of who answered, RFC 9110, section 6.6.1. */
export function dateOf({ headers }: OutboundAnswer): Instant | undefined {
  const date = Date.parse(headers['date'] ?? '')
  return Number.isNaN(date) ? undefined : date
}
