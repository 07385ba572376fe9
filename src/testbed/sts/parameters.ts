import { StsFailure } from './failure.ts'

/** The parameters of one request, by name; lists are flat, as `PolicyArns.member.1.arn`. */
export type Parameters = ReadonlyMap<string, string>

/** What a parameter has to satisfy; `sensitive` keeps its value out of the message, as AWS does. */
type TextConstraint = {
  required?: boolean
  minimum: number
  maximum: number
  pattern?: string
  sensitive?: boolean
}

type Violation = string

/** AWS writes members with a small first letter: `RoleArn` is `roleArn`. */
function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

function violate(shown: string, member: string, constraint: string): Violation {
  return `Value ${shown}at '${member}' failed to satisfy constraint: Member must ${constraint}`
}

/** Every constraint that a text parameter breaks, in AWS's words. */
export function checkText(parameters: Parameters, name: string, constraint: TextConstraint): Violation[] {
  const value = parameters.get(name)
  const member = memberName(name)
  if (value === undefined) return constraint.required ? [violate('null ', member, 'not be null')] : []
  const shown = constraint.sensitive ? '' : `'${value}' `
  const { minimum, maximum, pattern } = constraint
  const violations: Violation[] = []
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'su').test(value)) {
    violations.push(violate(shown, member, `satisfy regular expression pattern: ${pattern}`))
  }
  if (value.length < minimum) violations.push(violate(shown, member, `have length greater than or equal to ${minimum}`))
  if (value.length > maximum) violations.push(violate(shown, member, `have length less than or equal to ${maximum}`))
  return violations
}

/** Every constraint that a number breaks, in AWS's words. */
export function checkNumber(value: number | undefined, name: string, range: [minimum: number, maximum: number]) {
  if (value === undefined) return []
  const [minimum, maximum] = range
  const violations: Violation[] = []
  const shown = `'${value}' `
  if (value < minimum)
    violations.push(violate(shown, memberName(name), `have value greater than or equal to ${minimum}`))
  if (value > maximum) violations.push(violate(shown, memberName(name), `have value less than or equal to ${maximum}`))
  return violations
}

/** @throws StsFailure MalformedInput when the parameter is there and no integer. */
export function readInteger(parameters: Parameters, name: string): number | undefined {
  const value = parameters.get(name)
  if (value === undefined) return undefined
  if (!/^-?\d{1,10}$/.test(value)) throw new StsFailure('MalformedInput', `${name} is not an integer`)
  return Number(value)
}

/** The values of a list of structures: `readMembers(parameters, 'PolicyArns', 'arn')`. */
export function readMembers(parameters: Parameters, name: string, field: string): string[] {
  const prefix = `${name}.member.`
  const suffix = `.${field}`
  return [...parameters]
    .filter(([key]) => key.startsWith(prefix) && key.endsWith(suffix))
    .map(([key, value]) => ({ index: Number(key.slice(prefix.length, -suffix.length)), value }))
    .sort((left, right) => left.index - right.index)
    .map(({ value }) => value)
}

/** The values of a list of texts: `readMember(parameters, 'TransitiveTagKeys')`. */
export function readMember(parameters: Parameters, name: string): string[] {
  const prefix = `${name}.member.`
  return [...parameters]
    .filter(([key]) => key.startsWith(prefix) && /^\d+$/.test(key.slice(prefix.length)))
    .map(([key, value]) => ({ index: Number(key.slice(prefix.length)), value }))
    .sort((left, right) => left.index - right.index)
    .map(({ value }) => value)
}

/** @throws StsFailure ValidationError that names all violations at once, when there are any. */
export function refuseViolations(violations: readonly Violation[]): void {
  const count = violations.length
  if (count === 0) return
  const detected = `${count} validation error${count === 1 ? '' : 's'} detected`
  throw new StsFailure('ValidationError', `${detected}: ${violations.join('; ')}`)
}
