import type { GivenTags } from '../tags.ts'
import { tagViolations } from '../tags.ts'
import { readSourceIdentity } from '../webIdentityTags.ts'
import { assertionNamespace } from './names.ts'
import { attributeOf, childrenNamed } from './parseXml.ts'
import { invalidAssertion } from './readResponse.ts'

/** What the attributes of an assertion say to STS. */
export type SamlAttributes = {
  /** Pairs of a role's and a provider's ARN. */
  pairs: readonly (readonly [role: string, provider: string])[]
  sessionName: string
  tags: GivenTags
  sourceIdentity: string | undefined
}

const prefix = 'https://aws.amazon.com/SAML/Attributes/'
const tagPrefix = `${prefix}PrincipalTag:`

type Attributes = ReadonlyMap<string, readonly string[]>

/** Each may be there once. */
function readAll(assertion: Element): Attributes {
  const elements = childrenNamed(assertion, assertionNamespace, 'AttributeStatement').flatMap((statement) =>
    childrenNamed(statement, assertionNamespace, 'Attribute'),
  )
  const attributes = new Map<string, readonly string[]>()
  for (const element of elements) {
    const name = attributeOf(element, 'Name') ?? ''
    const values = childrenNamed(element, assertionNamespace, 'AttributeValue')
    if (name.startsWith(prefix) && attributes.has(name)) {
      throw invalidAssertion(`The attribute ${name} is in the assertion more than once`)
    }
    attributes.set(
      name,
      values.map(({ textContent }) => (textContent ?? '').trim()),
    )
  }
  return attributes
}

function single(attributes: Attributes, name: string): string | undefined {
  const values = attributes.get(`${prefix}${name}`)
  if (values === undefined) return undefined
  const [value, ...others] = values
  if (value === undefined || others.length > 0) {
    throw invalidAssertion(`The attribute ${prefix}${name} must have one value`)
  }
  return value
}

/** Either order; what is no such pair is ignored, as it may be for somebody else. */
function readPair(value: string): [role: string, provider: string][] {
  const parts = value.split(',').map((part) => part.trim())
  const role = parts.find((part) => /^arn:[\w-]+:iam::\d{12}:role\//.test(part))
  const provider = parts.find((part) => /^arn:[\w-]+:iam::\d{12}:saml-provider\//.test(part))
  return parts.length === 2 && role !== undefined && provider !== undefined ? [[role, provider]] : []
}

function readSessionName(attributes: Attributes): string {
  const name = single(attributes, 'RoleSessionName')
  if (name === undefined) throw invalidAssertion('RoleSessionName is required in AuthnResponse')
  if (/^[\w+=,.@-]{2,64}$/.test(name)) return name
  throw invalidAssertion('RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}')
}

/** It is for sign-in to the console alone, and has to be good all the same. */
function checkSessionDuration(attributes: Attributes): void {
  const duration = single(attributes, 'SessionDuration')
  const isGood = duration === undefined || (/^\d{3,5}$/.test(duration) && isWithin(Number(duration)))
  if (!isGood) throw invalidAssertion('SessionDuration in AuthnResponse must be from 900 to 43200 seconds')
}

const isWithin = (seconds: number): boolean => seconds >= 900 && seconds <= 43_200

function readTags(attributes: Attributes): GivenTags {
  const names = [...attributes.keys()].filter((name) => name.startsWith(tagPrefix))
  const tags = {
    pairs: names.map((name) => {
      const value = single(attributes, name.slice(prefix.length)) ?? ''
      return [name.slice(tagPrefix.length), value] as const
    }),
    transitive: attributes.get(`${prefix}TransitiveTagKeys`) ?? [],
  }
  const [violation] = tagViolations(tags)
  if (violation !== undefined) throw invalidAssertion(violation)
  return tags
}

/**
 * Reads the attributes of a verified assertion ("Configure SAML assertions for the authentication response").
 * @throws StsFailure InvalidIdentityToken
 */
export function readAttributes(assertion: Element): SamlAttributes {
  const attributes = readAll(assertion)
  const sessionName = readSessionName(attributes)
  checkSessionDuration(attributes)
  return {
    pairs: (attributes.get(`${prefix}Role`) ?? []).flatMap(readPair),
    sessionName,
    tags: readTags(attributes),
    sourceIdentity: readSourceIdentity(single(attributes, 'SourceIdentity')),
  }
}
