import { Failure } from '../../errors/index.ts'
import { redact } from '../redact.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, onlyChild, textOf } from './dom.ts'
import type { TrustedIssuer } from './metadata.ts'
import { AUTHENTICATION_FAILED, NS, SUCCESS } from './names.ts'
import { elementsOf, type ParsedXml, parseXml } from './parseXml.ts'
import { readSignature, type SignatureForm, verifySignature } from './signature.ts'

/** The response that STS gets: STS API, AssumeRoleWithSAML, SAMLAssertion: 100,000 characters of base64. */
export const MOST_BASE64 = 100_000
export const MOST_XML = (MOST_BASE64 / 4) * 3

/** A response with its one assertion: where the signer is known, both as far as they are signed. */
export type ReadResponse = {
  /** Not signed by itself where the signature is the assertion's. */
  readonly response: Element
  readonly assertion: Element
}

/**
 * Takes a response apart and verifies its signatures. There is exactly one place for everything, so that nothing can be
 * wrapped: one Response at the root, one Assertion right in it, signatures right in those. With a trusted issuer the assertion
 * that is returned is parsed anew from what the signature covers. Throws Failure.
 */
export function readResponse(xml: string, trusted: TrustedIssuer | undefined): ReadResponse {
  if (Buffer.byteLength(xml) > MOST_XML) {
    throw new Failure({
      code: 'SamlTooLarge',
      message: `the response has more than the ${MOST_XML} bytes that STS takes`,
    })
  }
  const parsed = parseXml(xml, { most: MOST_XML, what: 'the response' })
  const response = parsed.root
  checkStatus(response)
  const assertion = checkStructure(parsed)
  const signatures = [readSignature(response), readSignature(assertion)].filter((each) => each !== undefined)
  if (signatures.length === 0)
    throw new Failure({ code: 'SamlUnsigned', message: 'neither the response nor the assertion is signed' })
  if (trusted === undefined) return { response, assertion }
  return { response, assertion: signedAssertion(signatures, parsed, trusted) }
}

/** Before all else: a refusal of the identity provider has no assertion that could be missed. */
function checkStatus(response: Element): void {
  if (!isElement(response, NS.protocol, 'Response')) throw structure('its root is no Response of SAML 2.0')
  const status = onlyChild(response, NS.protocol, 'Status')
  const code = onlyChild(status, NS.protocol, 'StatusCode')
  if (attributeOf(code, 'Value') === SUCCESS) return
  const detail = code === undefined ? undefined : attributeOf(onlyChild(code, NS.protocol, 'StatusCode'), 'Value')
  if (detail === AUTHENTICATION_FAILED) {
    throw new Failure({
      code: 'SamlLoginRefused',
      message: 'the identity provider does not accept the login (AuthnFailed)',
    })
  }
  const words = textOf(onlyChild(status, NS.protocol, 'StatusMessage')) ?? ''
  const said = redact([detail?.replace(/^.*:/, ''), words].filter((each) => each).join(' '), [], 120)
  const message = `the identity provider answers that it has not succeeded${said === '' ? '' : `: ${said}`}`
  throw new Failure({ code: 'SamlStatus', message })
}

const IN_RESPONSE = [
  [NS.assertion, 'Issuer'],
  [NS.signature, 'Signature'],
  [NS.protocol, 'Status'],
  [NS.assertion, 'Assertion'],
] as const
const IN_ASSERTION = ['Issuer', 'Signature', 'Subject', 'Conditions', 'AuthnStatement', 'AttributeStatement']

function checkStructure({ root, spans }: ParsedXml): Element {
  const all = [...spans.keys()]
  const named = (name: string): number => all.filter(({ localName }) => localName === name).length
  if (all.some(({ localName }) => /^Encrypted(Assertion|ID|Attribute|Data)$/.test(localName))) {
    throw new Failure({ code: 'SamlEncrypted', message: 'the assertion, or a part of it, is encrypted' })
  }
  const assertions = named('Assertion')
  if (assertions === 0) throw new Failure({ code: 'SamlAssertionMissing', message: 'the response holds no assertion' })
  if (assertions > 1) throw new Failure({ code: 'SamlSeveralAssertions', message: `it holds ${assertions} assertions` })
  const [assertion] = childrenNamed(root, NS.assertion, 'Assertion')
  if (assertion === undefined) throw structure('the assertion is not right in the response')
  if (!childrenOf(root).every((child) => IN_RESPONSE.some(([namespace, name]) => isElement(child, namespace, name)))) {
    throw structure('the response has an element that does not belong into it')
  }
  if (!childrenOf(assertion).every(isOfAssertion))
    throw structure('the assertion has an element that does not belong into it')
  const signatures = [root, assertion].flatMap((parent) => childrenNamed(parent, NS.signature, 'Signature')).length
  if (named('Response') !== 1 || named('Signature') !== signatures)
    throw structure('a signature or a response is where none belongs')
  return assertion
}

const isOfAssertion = (child: Element): boolean =>
  IN_ASSERTION.includes(child.localName) &&
  child.namespaceURI === (child.localName === 'Signature' ? NS.signature : NS.assertion)

const structure = (message: string): Failure => new Failure({ code: 'SamlStructure', message })

/** Every signature has to be good; the assertion is taken from what the one nearest to it covers. */
function signedAssertion(signatures: readonly SignatureForm[], { text }: ParsedXml, { keys }: TrustedIssuer): Element {
  let assertion: Element | undefined
  for (const signature of signatures) {
    const covered = parseXml(verifySignature(signature, text, keys), {
      most: MOST_XML * 2,
      what: 'what is signed',
    }).root
    const found = elementsOf(covered).filter((element) => isElement(element, NS.assertion, 'Assertion'))
    const isSame =
      covered.localName === signature.signed.localName &&
      attributeOf(covered, 'ID') === attributeOf(signature.signed, 'ID')
    if (found.length !== 1 || !isSame) throw structure('the signature covers something else than the assertion')
    assertion = found[0]
  }
  if (assertion === undefined) throw structure('the signature covers no assertion')
  return assertion
}

/** The issuer of a response or of an assertion (SAML 2.0 core, section 2.2.5). */
export const issuerOf = (element: Element): string | undefined => textOf(onlyChild(element, NS.assertion, 'Issuer'))
