import { SignedXml } from 'xml-crypto'
import { signatureNamespace } from './names.ts'
import { allElements, attributeOf, childrenNamed, parseXml } from './parseXml.ts'

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
/** RSA with SHA-2, which is what xml-crypto verifies of what is not SHA-1 or a shared secret. */
const signatureMethods = [
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]
const digestMethods = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']
const transforms = [enveloped, exclusive]

/** The text of the one child of that name; undefined for none or several. */
function only(parent: Element | undefined, name: string): Element | undefined {
  if (parent === undefined) return undefined
  const [first, ...others] = childrenNamed(parent, signatureNamespace, name)
  return others.length === 0 ? first : undefined
}

const algorithmOf = (element: Element | undefined): string =>
  (element === undefined ? undefined : attributeOf(element, 'Algorithm')) ?? ''

/** Exactly one reference, to the signed element by its ID, and nothing in it but what the standard's profile has. */
function hasGoodForm(signature: Element, id: string): boolean {
  const info = only(signature, 'SignedInfo')
  const reference = only(info, 'Reference')
  const steps = only(reference, 'Transforms')
  if (info === undefined || reference === undefined || steps === undefined) return false
  const given = childrenNamed(steps, signatureNamespace, 'Transform').map(algorithmOf)
  return (
    attributeOf(reference, 'URI') === `#${id}` &&
    algorithmOf(only(info, 'CanonicalizationMethod')) === exclusive &&
    signatureMethods.includes(algorithmOf(only(info, 'SignatureMethod'))) &&
    digestMethods.includes(algorithmOf(only(reference, 'DigestMethod'))) &&
    given.length > 0 &&
    given.length <= 2 &&
    given.every((algorithm) => transforms.includes(algorithm))
  )
}

function signedBy(certificate: string, signature: Element, text: string): string | undefined {
  const verifier = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null })
  try {
    verifier.loadSignature(signature)
    if (!verifier.checkSignature(text)) return undefined
    const [signed, ...others] = verifier.getSignedReferences()
    return others.length === 0 ? signed : undefined
  } catch {
    return undefined
  }
}

/** No element may be meant by an ID but one, whichever way an ID is spelt. */
function hasUniqueIds(root: Element): boolean {
  const ids = allElements(root).flatMap((element) =>
    ['ID', 'Id', 'id'].map((name) => attributeOf(element, name)).filter((id) => id !== undefined),
  )
  return new Set(ids).size === ids.length
}

/**
 * Verifies the signature that an element has of itself. What is answered is the element as it was signed, parsed anew
 * from the very octets that the digest was made of: whoever reads nothing else cannot be shown another one (XSW).
 * @param text the whole document, as it came; `root` is its root.
 * @returns undefined where the signature is not good by any of the certificates.
 */
export function verifiedElement(
  element: Element,
  { root, text, certificates }: { root: Element; text: string; certificates: readonly string[] },
): Element | undefined {
  const [signature, ...others] = childrenNamed(element, signatureNamespace, 'Signature')
  const id = attributeOf(element, 'ID')
  if (signature === undefined || others.length > 0 || id === undefined || !hasUniqueIds(root)) return undefined
  if (!hasGoodForm(signature, id)) return undefined
  for (const certificate of certificates) {
    const signed = signedBy(certificate, signature, text)
    const parsed = signed === undefined ? undefined : parseXml(signed)
    const isSame = parsed?.localName === element.localName && parsed.namespaceURI === element.namespaceURI
    if (parsed !== undefined && isSame && attributeOf(parsed, 'ID') === id) return parsed
  }
  return undefined
}
