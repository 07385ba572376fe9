import { Failure } from '../errors/index.ts'
import { printable } from '../federation/redact.ts'
import { isObject } from '../json/index.ts'
import { requestFields } from './contract.ts'
import type { UserRequest } from './types.ts'

/**
 * The body of a request: one flat JSON object of texts in UTF-8, with the fields of the contract, each once. Throws Failure
 * UserRequestInvalid, which names the field and nothing that it holds.
 */
export function parseUserRequest(body: Uint8Array): UserRequest {
  const text = decode(body)
  const value = parse(text)
  if (!isObject(value)) throw refused('the body is no JSON object')
  const stranger = Object.keys(value).find((name) => !Object.hasOwn(requestFields, name))
  if (stranger !== undefined) {
    const known = Object.keys(requestFields).join(', ')
    throw refused(`${printable(stranger, 60)}: there is no such field, only ${known}`)
  }
  for (const [name, field] of Object.entries(requestFields)) {
    const given = value[name]
    if (given === undefined && !field.required) continue
    if (given === undefined) throw refused(`${name} is missing; it must be ${field.form}`)
    if (typeof given !== 'string' || !field.pattern.test(given)) throw refused(`${name} must be ${field.form}`)
  }
  if (countTexts(text) !== 2 * Object.keys(value).length) throw refused('a field comes twice')
  return value as unknown as UserRequest
}

const refused = (message: string): Failure => new Failure({ code: 'UserRequestInvalid', message })

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw refused('the body is no UTF-8')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Of a flat object of texts there are two for each field, if none comes twice; of those the last would count, and an app that
 * glues its JSON together would let its users choose the role.
 */
const countTexts = (json: string): number => json.match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 0
