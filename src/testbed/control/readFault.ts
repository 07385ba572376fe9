import { TestbedError } from '../errors.ts'
import type { Fault } from '../sts/faults.ts'

/** Whether a field's value is good, and what it must be. */
type Field = { isGood: (value: unknown) => boolean; form: string; optional?: true }

const year = 365 * 24 * 3600 * 1000

function text(most: number): Field {
  const isGood = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= most
  return { isGood, form: `a text of at most ${most} characters` }
}

function integer(least: number, most: number): Field {
  const isGood = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= least && Number(value) <= most
  return { isGood, form: `a whole number from ${least} to ${most}` }
}

function oneOf(...values: readonly unknown[]): Field {
  return { isGood: (value) => values.includes(value), form: `one of ${values.join(', ')}` }
}

const name = text(128)
const names: Field = {
  isGood: (value) => Array.isArray(value) && value.length <= 20 && value.every(name.isGood),
  form: 'a list of at most 20 texts',
}
const optional = (field: Field): Field => ({ ...field, optional: true })

/** The fields of each kind, as `Fault` has them. */
const kinds: Record<Fault['kind'], Record<string, Field>> = {
  throttling: {},
  unavailable: {},
  idpCommunicationError: {},
  failure: { code: name, message: text(1024), status: optional(integer(400, 599)) },
  hang: {},
  reset: {},
  html: { status: oneOf(200, 502) },
  lies: {
    lie: oneOf('missingFields', 'garbageExpiration', 'alreadyExpired', 'truncated'),
    fields: optional(names),
  },
  skew: { ms: integer(-year, year) },
  slowBody: { ms: integer(0, 3_600_000) },
  shortSession: { seconds: integer(1, 43_200) },
}

function isKind(kind: unknown): kind is Fault['kind'] {
  return typeof kind === 'string' && Object.hasOwn(kinds, kind)
}

/**
 * A fault that came as JSON.
 * @throws TestbedError, which names the field, and never repeats what was sent.
 */
export function readFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null) throw new TestbedError('the fault must be a JSON object')
  const { kind } = value as { kind?: unknown }
  if (!isKind(kind)) throw new TestbedError(`kind: must be one of ${Object.keys(kinds).join(', ')}`)
  const fields: Record<string, Field> = { ...kinds[kind], action: optional(name) }
  for (const [key, { isGood, form, optional: mayLack }] of Object.entries(fields)) {
    const isThere = Object.hasOwn(value, key)
    const isWrong = isThere ? !isGood((value as Record<string, unknown>)[key]) : mayLack !== true
    if (isWrong) throw new TestbedError(`${key}: must be ${form}`)
  }
  const known = ['kind', ...Object.keys(fields)]
  const unknown = Object.keys(value).some((key) => !known.includes(key))
  if (unknown) throw new TestbedError(`a fault of the kind ${kind} has the fields ${known.join(', ')} and no other`)
  return value as Fault
}
