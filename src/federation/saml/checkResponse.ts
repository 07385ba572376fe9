import type { Instant } from '../../credentials/types.ts'
import { Failure } from '../../errors/index.ts'
import { printable } from '../redact.ts'
import { type AwsAttributes, checkAttributes, type RolePair } from './attributes.ts'
import { attributeOf, childrenNamed } from './dom.ts'
import type { TrustedIssuer } from './metadata.ts'
import { NS } from './names.ts'
import { issuerOf, type ReadResponse, readResponse } from './readResponse.ts'
import { type Addressee, checkConditions, checkSubject } from './subject.ts'
import { checkAge, checkWindow } from './times.ts'

/** What a response must say, and who must have signed it. */
export type Expected = Addressee &
  RolePair & {
    /** Of the operator's copy of the metadata; without it signatures are left to STS. */
    readonly trusted?: TrustedIssuer
  }

/** What was found good. */
export type CheckedAssertion = AwsAttributes & {
  /** It tells this assertion from every other of its issuer. */
  readonly id: string
  readonly issuer: string
  readonly issued: Instant
}

/**
 * Judges a response before STS does, by the rules of SAML 2.0 (profiles, section 4.1.4) and of AWS, and by the signature where
 * the issuer is known. `inResponseTo` is the ID of our request, where there was one. Pure. Throws Failure, by a code of its own
 * for everything that can be wrong; no message holds anything of the subject.
 */
export function checkResponse(xml: string, expected: Expected, now: Instant, inResponseTo?: string): CheckedAssertion {
  const read = readResponse(xml, expected.trusted)
  checkEnvelope(read, expected, inResponseTo)
  const { assertion } = read
  const issuer = checkIssuer(read, expected.trusted)
  const issued = checkAge(assertion, now)
  checkConditions(assertion, expected, now)
  checkSubject(assertion, expected, now, inResponseTo)
  for (const statement of childrenNamed(assertion, NS.assertion, 'AuthnStatement')) {
    checkWindow(statement, now, 'SessionNotOnOrAfter')
  }
  return { id: attributeOf(assertion, 'ID') ?? '', issuer, issued, ...checkAttributes(assertion, expected) }
}

function checkEnvelope({ response, assertion }: ReadResponse, { recipient }: Expected, inResponseTo?: string): void {
  if ([response, assertion].some((each) => attributeOf(each, 'Version') !== '2.0' || !attributeOf(each, 'ID'))) {
    throw new Failure({
      code: 'SamlStructure',
      message: 'the response or its assertion has no ID, or is not of version 2.0',
    })
  }
  const destination = attributeOf(response, 'Destination')
  if (destination !== undefined && destination !== '' && destination !== recipient) {
    const message = `the response is for the Destination ${printable(destination)}, expected ${recipient}`
    throw new Failure({ code: 'SamlRecipient', message })
  }
  if (inResponseTo === undefined || attributeOf(response, 'InResponseTo') === inResponseTo) return
  throw new Failure({ code: 'SamlAnswerForAnother', message: 'the response answers another request than ours' })
}

function checkIssuer({ response, assertion }: ReadResponse, trusted: TrustedIssuer | undefined): string {
  const issuer = issuerOf(assertion)
  if (!issuer) throw new Failure({ code: 'SamlIssuer', message: 'the assertion names no issuer' })
  const wanted = trusted?.entityId ?? issuer
  for (const found of [issuer, issuerOf(response) ?? issuer]) {
    if (found === wanted) continue
    throw new Failure({
      code: 'SamlIssuer',
      message: `the issuer is ${printable(found)}, expected ${printable(wanted)}`,
    })
  }
  return issuer
}
