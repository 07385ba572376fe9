import { StsFailure } from './failure.ts'
import type { Parameters } from './parameters.ts'
import { checkText, readMember, readMembers } from './parameters.ts'

/** The session tags of a session. Keys keep their case, and are compared without it. */
export type SessionTags = {
  values: ReadonlyMap<string, string>
  /** The keys of those that go on to what is assumed from here. */
  transitive: readonly string[]
}

/** Tags as a request or a token gives them, duplicates and all. */
export type GivenTags = {
  pairs: readonly (readonly [key: string, value: string])[]
  transitive: readonly string[]
}

export const noTags: SessionTags = { values: new Map(), transitive: [] }

const characters = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]'
const keyConstraint = { required: true, minimum: 1, maximum: 128, pattern: `${characters}+` }
const valueConstraint = { required: true, minimum: 0, maximum: 256, pattern: `${characters}*` }

function invalid(message: string): StsFailure {
  return new StsFailure('InvalidParameterValue', message)
}

function tooMany(name: string): string {
  return `Value at '${name}' failed to satisfy constraint: Member must have length less than or equal to 50`
}

const lower = (text: string): string => text.toLowerCase()

/** The tags of an AssumeRole request (STS API, AssumeRole, Tags and TransitiveTagKeys). */
export function readTags(parameters: Parameters): GivenTags {
  const keys = readMembers(parameters, 'Tags', 'Key')
  const values = readMembers(parameters, 'Tags', 'Value')
  const transitive = readMember(parameters, 'TransitiveTagKeys')
  if (keys.length !== values.length) throw new StsFailure('ValidationError', 'Every tag must have a Key and a Value')
  return { pairs: keys.map((key, at) => [key, values[at] ?? ''] as const), transitive }
}

/** Every constraint that the tags break, in AWS's words. */
export function tagViolations({ pairs, transitive }: GivenTags): string[] {
  const check = (member: string, value: string, constraint: typeof keyConstraint): string[] =>
    checkText(new Map([[member, value]]), member, constraint)
  return [
    ...(pairs.length > 50 ? [tooMany('tags')] : []),
    ...(transitive.length > 50 ? [tooMany('transitiveTagKeys')] : []),
    ...pairs.flatMap(([key, value], at) => [
      ...check(`tags.${at + 1}.member.key`, key, keyConstraint),
      ...check(`tags.${at + 1}.member.value`, value, valueConstraint),
    ]),
    ...transitive.flatMap((key, at) => check(`transitiveTagKeys.${at + 1}.member`, key, keyConstraint)),
  ]
}

/**
 * The tags of a new session: those given, and the transitive ones of the session that asks (IAM User Guide, "Pass
 * session tags in AWS STS", Chaining roles with session tags).
 * @throws StsFailure InvalidParameterValue for duplicates, keys of AWS's own, transitive keys without a tag, and tags
 * that an inherited one forbids.
 */
export function joinTags({ pairs, transitive }: GivenTags, caller: SessionTags = noTags): SessionTags {
  const keys = pairs.map(([key]) => lower(key))
  const inherited = caller.transitive.map(lower)
  if (new Set(keys).size < keys.length) {
    throw invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  if (keys.some((key) => key.startsWith('aws:'))) {
    throw invalid('Tag keys beginning with aws: are reserved for system use')
  }
  if (keys.some((key) => inherited.includes(key))) {
    throw invalid(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  }
  if (transitive.some((key) => !keys.includes(lower(key)))) {
    throw invalid('The specified transitive tag key must be included in the requested tags.')
  }
  const passed = [...caller.values].filter(([key]) => inherited.includes(lower(key)))
  return { values: new Map([...passed, ...pairs]), transitive: [...caller.transitive, ...transitive] }
}

/** The condition keys of tags that a session is to have ("AWS global condition context keys"). */
export function tagKeys({ values, transitive }: SessionTags): [key: string, values: string[]][] {
  return [
    ['aws:TagKeys', [...values.keys()]],
    ['sts:TransitiveTagKeys', [...transitive]],
    ...[...values].map(([key, value]): [string, string[]] => [`aws:RequestTag/${key}`, [value]]),
  ]
}
