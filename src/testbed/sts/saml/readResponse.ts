import { StsFailure } from '../failure.ts'
import type { KnownSamlProvider } from '../types.ts'
import { assertionNamespace, protocolNamespace, signatureNamespace } from './names.ts'
import { allElements, attributeOf, childrenNamed, parseXml } from './parseXml.ts'
import { verifiedElement } from './verifySignature.ts'

const success = 'urn:oasis:names:tc:SAML:2.0:status:Success'

/** @returns a failure in STS's code for everything that is wrong with an assertion and not its age. */
export function invalidAssertion(message: string): StsFailure {
  return new StsFailure('InvalidIdentityToken', message)
}

function decode(assertion: string): string {
  const isBase64 = assertion.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(assertion)
  if (!isBase64) throw invalidAssertion('Invalid base64 SAMLResponse')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(assertion, 'base64'))
  } catch {
    throw invalidAssertion('Invalid SAML response')
  }
}

function named(root: Element, namespace: string, name: string): Element[] {
  return allElements(root).filter((one) => one.namespaceURI === namespace && one.localName === name)
}

/** The one assertion, directly in the response: further ones, wherever they are, are refused. */
function findAssertion(response: Element): Element {
  if (named(response, assertionNamespace, 'EncryptedAssertion').length > 0) {
    throw invalidAssertion('Encrypted assertions are not supported here')
  }
  const [assertion, ...others] = named(response, assertionNamespace, 'Assertion')
  if (assertion === undefined || others.length > 0 || assertion.parentNode !== response) {
    throw invalidAssertion('The SAML response must have exactly one assertion')
  }
  return assertion
}

/** The provider reported that it did not authenticate anybody. */
function checkStatus(response: Element): void {
  const [status] = childrenNamed(response, protocolNamespace, 'Status')
  const [code] = status === undefined ? [] : childrenNamed(status, protocolNamespace, 'StatusCode')
  if (code !== undefined && attributeOf(code, 'Value') === success) return
  const message =
    'The identity provider (IdP) reported that authentication failed. This might be because the claim is invalid.'
  throw new StsFailure('IDPRejectedClaim', message, { status: 403 })
}

/** Of the signatures that are there, every one must be good, and one of the two must be there. */
function verify(response: Element, assertion: Element, text: string, provider: KnownSamlProvider): Element {
  const { certificates } = provider
  const isSigned = (element: Element): boolean => childrenNamed(element, signatureNamespace, 'Signature').length > 0
  const signedOnes = [response, assertion].filter(isSigned)
  const verified = signedOnes
    .map((element) => verifiedElement(element, { root: response, text, certificates }))
    .filter((element) => element !== undefined)
  const last = verified.at(-1)
  const count = named(response, signatureNamespace, 'Signature').length
  if (last === undefined || verified.length < signedOnes.length || count !== signedOnes.length) {
    throw invalidAssertion('Response signature invalid')
  }
  return last.localName === 'Assertion' ? last : findAssertion(last)
}

/**
 * Reads a base64 SAML response and answers its assertion as it was signed.
 * @throws StsFailure InvalidIdentityToken or IDPRejectedClaim.
 */
export function readResponse(assertion: string, provider: KnownSamlProvider): Element {
  const text = decode(assertion)
  const response = parseXml(text)
  if (response?.namespaceURI !== protocolNamespace || response.localName !== 'Response') {
    throw invalidAssertion('Invalid SAML response')
  }
  checkStatus(response)
  return verify(response, findAssertion(response), text, provider)
}
