import { Failure } from '../errors/index.ts'
import { isObject, type JsonObject } from '../json/index.ts'

/** A trust policy that was found, and whose it is. */
export type FoundPolicy = {
  readonly title: string
  /** Of the role, where the file says it. */
  readonly roleArn: string | undefined
  readonly document: unknown
}

const MOST_DEPTH = 12

/**
 * The trust policies of a file: the policy itself, or wherever `AssumeRolePolicyDocument` is in what IAM's commands print
 * (get-role, list-roles, get-account-authorization-details) or CloudFormation's templates as JSON have. Throws Failure
 * TrustPolicyMalformed, which names the file.
 */
export function findPolicies(text: string, file: string): readonly FoundPolicy[] {
  const value = parse(text.replace(/^\uFEFF/, ''), file)
  if (isObject(value) && 'Statement' in value) return [{ title: file, roleArn: undefined, document: value }]
  const found = [...within(value, file, 0)]
  if (found.length > 0) return found
  throw malformed(file, 'it is neither a policy nor does it hold an AssumeRolePolicyDocument')
}

function* within(value: unknown, file: string, depth: number): Generator<FoundPolicy> {
  if (depth > MOST_DEPTH) return
  if (Array.isArray(value)) for (const each of value) yield* within(each, file, depth + 1)
  if (!isObject(value)) return
  if (value['IsTruncated'] === true || typeof value['NextToken'] === 'string') throw partial(file)
  if ('AssumeRolePolicyDocument' in value) yield policyIn(value, file)
  else for (const each of Object.values(value)) yield* within(each, file, depth + 1)
}

function policyIn(role: JsonObject, file: string): FoundPolicy {
  const { AssumeRolePolicyDocument: given, Arn: arn, RoleName: name } = role
  const title = [arn, name, file].find((each): each is string => typeof each === 'string') ?? file
  const document = typeof given === 'string' ? parse(decoded(given), title) : given
  return { title, roleArn: typeof arn === 'string' ? arn : undefined, document }
}

/** IAM's API has it encoded as in a URL (RFC 3986); its commands decode that. */
function decoded(text: string): string {
  if (!text.startsWith('%7B')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function parse(text: string, file: string): unknown {
  if (text.trim() === '') throw malformed(file, 'it is empty: what should have printed a policy printed nothing')
  const value = parseJson(text, file)
  const twice = duplicateKey(text)
  if (twice !== undefined) throw malformed(file, `one object has ${JSON.stringify(twice.slice(0, 80))} twice`)
  return value
}

/** A key that an object of valid JSON has twice: readers differ in which of the two counts (RFC 8259, section 4). */
function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = []
  for (const token of signsAndKeys(text)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else {
      const key = String(JSON.parse(token))
      if (open.at(-1)?.has(key)) return key
      open.at(-1)?.add(key)
    }
  }
  return undefined
}

/** Braces, and keys in their quotes. */
function* signsAndKeys(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '{' || sign === '}') yield sign
    if (sign !== '"') continue
    const end = endOfText(text, at)
    if (isBeforeColon(text, end)) yield text.slice(at, end)
    at = end - 1
  }
}

/** Just after the quote that ends the text which begins at `start`; by hand, since a long one is too much for a pattern. */
function endOfText(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function isBeforeColon(text: string, end: number): boolean {
  let at = end
  while (' \t\r\n'.includes(text[at] ?? '-')) at += 1
  return text[at] === ':'
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const fix = 'Give JSON, such as `aws iam get-role --output json` prints.'
    throw malformed(file, /^\s*An error occurred/.test(text) ? 'it is an error of the AWS CLI' : 'it is no JSON', fix)
  }
}

const malformed = (field: string, message: string, fix?: string): Failure =>
  new Failure({ code: 'TrustPolicyMalformed', field, message, ...(fix !== undefined && { fix }) })

/** What is not shown may have holes too. */
const partial = (file: string): Failure =>
  malformed(
    file,
    'it is one page of several',
    'Let the AWS CLI print all of them: without --max-items and --no-paginate.',
  )
