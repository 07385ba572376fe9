import { StsFailure } from '../failure.ts'
import type { KnownSamlProvider } from '../types.ts'
import { assertionNamespace } from './names.ts'
import { attributeOf, childrenNamed } from './parseXml.ts'
import { invalidAssertion } from './readResponse.ts'
import { isAudience, isSignIn } from './signIn.ts'

/** Whom an assertion is about. */
export type SamlSubject = {
  nameId: string
  /** The format of the name, short where it is SAML 2.0's own: `persistent`, `transient`. */
  type: string
  issuer: string
  /** The address that it was made for, which is `saml:aud`. */
  recipient: string
  /** Epoch milliseconds beyond which the session must not last; undefined where nothing says so. */
  sessionEnd: number | undefined
}

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified'
const minute = 60_000
/** For how long after its issuance an assertion can be redeemed. */
const redeemable = 5 * minute
/** How far an identity provider's clock may be ahead. */
const ahead = minute

/** The one element of that name, directly below. */
function only(parent: Element, name: string): Element {
  const [first, ...others] = childrenNamed(parent, assertionNamespace, name)
  if (first !== undefined && others.length === 0) return first
  throw invalidAssertion(`The ${parent.localName} must have exactly one ${name}`)
}

const textOf = (element: Element): string => (element.textContent ?? '').trim()

/** An xs:dateTime in UTC, as SAML requires (SAML core, section 1.3.3). */
function readInstant(element: Element, name: string): number | undefined {
  const text = attributeOf(element, name)
  if (text === undefined) return undefined
  const isUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text)
  const instant = isUtc ? Date.parse(text) : Number.NaN
  if (Number.isNaN(instant)) throw invalidAssertion(`${name} of ${element.localName} is no instant in UTC`)
  return instant
}

function expired(message: string): StsFailure {
  return new StsFailure('ExpiredTokenException', message)
}

function checkIssuance(assertion: Element, now: number): void {
  const issued = readInstant(assertion, 'IssueInstant')
  if (issued === undefined) throw invalidAssertion('The assertion has no IssueInstant')
  if (now > issued + redeemable) throw expired('Token must be redeemed within 5 minutes of issuance')
  if (issued > now + ahead) throw invalidAssertion('The assertion was issued in the future')
}

function checkWindow(element: Element, now: number): void {
  const [begin = 0, end = Number.POSITIVE_INFINITY] = [
    readInstant(element, 'NotBefore'),
    readInstant(element, 'NotOnOrAfter'),
  ]
  if (now >= end) throw expired(`NotOnOrAfter of ${element.localName} has passed`)
  if (now + ahead < begin) throw invalidAssertion(`NotBefore of ${element.localName} has not come`)
}

/** Exactly one restriction, with AWS among its audiences. */
function checkConditions(assertion: Element, partition: string, now: number): void {
  const conditions = only(assertion, 'Conditions')
  checkWindow(conditions, now)
  const audiences = childrenNamed(only(conditions, 'AudienceRestriction'), assertionNamespace, 'Audience').map(textOf)
  if (!audiences.some((audience) => isAudience(partition, audience))) {
    throw invalidAssertion('Response does not contain the required audience.')
  }
}

/** Of the one confirmation by bearer: to where it was sent. */
function readRecipient(subject: Element, partition: string, now: number): string {
  const confirmation = only(subject, 'SubjectConfirmation')
  if (attributeOf(confirmation, 'Method') !== bearer) {
    throw invalidAssertion('The SubjectConfirmation must be by bearer')
  }
  const data = only(confirmation, 'SubjectConfirmationData')
  if (readInstant(data, 'NotOnOrAfter') === undefined) {
    throw invalidAssertion('The SubjectConfirmationData must have NotOnOrAfter')
  }
  if (attributeOf(data, 'NotBefore') !== undefined) {
    throw invalidAssertion('The SubjectConfirmationData must not have NotBefore')
  }
  checkWindow(data, now)
  const recipient = attributeOf(data, 'Recipient') ?? ''
  if (!isSignIn(partition, recipient)) throw invalidAssertion('Recipient is not an address of AWS sign-in')
  return recipient
}

function readSessionEnd(assertion: Element, now: number): number | undefined {
  const ends = childrenNamed(assertion, assertionNamespace, 'AuthnStatement')
    .map((statement) => readInstant(statement, 'SessionNotOnOrAfter'))
    .filter((end) => end !== undefined)
  if (ends.length === 0) return undefined
  const end = Math.min(...ends)
  if (now >= end) throw expired('SessionNotOnOrAfter has passed')
  return end
}

/**
 * Judges a verified assertion by the rules of STS ("Configure SAML assertions for the authentication response").
 * @param now epoch milliseconds.
 * @throws StsFailure InvalidIdentityToken or ExpiredTokenException.
 */
export function checkAssertion(
  assertion: Element,
  { provider, partition, now }: { provider: KnownSamlProvider; partition: string; now: number },
): SamlSubject {
  const issuer = textOf(only(assertion, 'Issuer'))
  if (issuer !== provider.entityId) throw invalidAssertion('Issuer not present in specified provider')
  checkIssuance(assertion, now)
  checkConditions(assertion, partition, now)
  const subject = only(assertion, 'Subject')
  const name = only(subject, 'NameID')
  const recipient = readRecipient(subject, partition, now)
  const format = attributeOf(name, 'Format') ?? unspecified
  return {
    nameId: textOf(name),
    type: format.replace(/^urn:oasis:names:tc:SAML:2\.0:nameid-format:/, ''),
    issuer,
    recipient,
    sessionEnd: readSessionEnd(assertion, now),
  }
}
