import { Failure } from '../errors/index.ts'
import type { Outbound, OutboundAnswer } from '../federation/index.ts'
import { printable } from '../federation/redact.ts'
import { isObject, type JsonObject } from '../json/index.ts'

/** What a provider answers to a GET. Throws Failure: Outbound's own. */
export const ask = (outbound: Outbound, url: string, signal: AbortSignal): Promise<OutboundAnswer> =>
  outbound({ method: 'GET', url, headers: { accept: 'application/json' } }, signal)

/** An answer that must be a JSON object; `where` names it without any secret. Throws Failure UserProviderInvalid. */
export function toObject({ status, body }: OutboundAnswer, where: string): JsonObject {
  if (status !== 200) throw invalid(`${where} answers with the status ${status}`)
  const value = parse(body)
  if (!isObject(value)) throw invalid(`${where} answers with no JSON object`)
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const invalid = (message: string): Failure =>
  new Failure({ code: 'UserProviderInvalid', message: printable(message, 500) })
