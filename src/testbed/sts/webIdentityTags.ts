import type { JWTPayload } from 'jose'
import { StsFailure } from './failure.ts'
import type { GivenTags } from './tags.ts'
import { tagViolations } from './tags.ts'

const tagsClaim = 'https://aws.amazon.com/tags'
const sourceIdentityClaim = 'https://aws.amazon.com/source_identity'
const flatTag = `${tagsClaim}/principal_tags/`
const flatTransitive = `${tagsClaim}/transitive_tag_keys`

function invalid(message: string): StsFailure {
  return new StsFailure('InvalidIdentityToken', message)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A tag has one value, by itself or in a list of its own. */
function readValue(value: unknown): string {
  const [first, ...others] = [value].flat()
  if (typeof first !== 'string' || others.length > 0) throw invalid('A principal tag in the token is malformed')
  return first
}

function readKeys(value: unknown): string[] {
  const keys = [value].flat()
  if (!keys.every((key) => typeof key === 'string')) throw invalid('The transitive tag keys in the token are malformed')
  return keys
}

function readNested(claim: unknown): GivenTags {
  if (claim === undefined) return { pairs: [], transitive: [] }
  const principal = isObject(claim) ? (claim['principal_tags'] ?? {}) : undefined
  if (!isObject(claim) || !isObject(principal)) throw invalid('The tags in the token are malformed')
  const pairs = Object.entries(principal).map(([key, value]) => [key, readValue(value)] as const)
  return { pairs, transitive: readKeys(claim['transitive_tag_keys'] ?? []) }
}

/**
 * The session tags of a token, nested or flat (IAM User Guide, "Pass session tags in AWS STS", section
 * AssumeRoleWithWebIdentity).
 * @throws StsFailure InvalidIdentityToken
 */
export function readTagClaims(claims: JWTPayload): GivenTags {
  const nested = readNested(claims[tagsClaim])
  const flat = Object.entries(claims).filter(([name]) => name.startsWith(flatTag))
  const tags = {
    pairs: [...nested.pairs, ...flat.map(([name, value]) => [name.slice(flatTag.length), readValue(value)] as const)],
    transitive: [...nested.transitive, ...readKeys(claims[flatTransitive] ?? [])],
  }
  const [violation] = tagViolations(tags)
  if (violation !== undefined) throw invalid(violation)
  return tags
}

/** @throws StsFailure InvalidIdentityToken, with the words that AWS has for the same fault of an assertion. */
export function readSourceIdentity(source: unknown): string | undefined {
  if (source === undefined) return undefined
  if (typeof source === 'string' && /^[\w+=,.@-]{2,64}$/.test(source)) return source
  throw invalid('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
}

/** The source identity of a token. */
export function sourceIdentityOf(claims: JWTPayload): string | undefined {
  return readSourceIdentity(claims[sourceIdentityClaim])
}
