import type { KeyObject } from 'node:crypto'
import { SignedXml } from 'xml-crypto'
import { Failure } from '../../errors/index.ts'
import { fits, isDigest, isSigning, pin } from './algorithms.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, onlyChild } from './dom.ts'
import { ENVELOPED, EXCLUSIVE_C14N, NS } from './names.ts'

/** What a signature says of itself; nothing of it is verified yet, but all of it is of the one form that is accepted. */
export type SignatureForm = {
  readonly element: Element
  /** The element that it stands in, and the only one that it is about. */
  readonly signed: Element
  readonly algorithm: string
}

/**
 * The signature of a SAML element by SAML 2.0 core, section 5.4: right in it, about it alone and by its ID, through the
 * enveloped-signature transform and exclusive canonicalisation. Undefined where there is none. Throws Failure
 * SamlSignatureReference, SamlSignatureAlgorithm.
 */
export function readSignature(signed: Element): SignatureForm | undefined {
  const [element, ...others] = childrenNamed(signed, NS.signature, 'Signature')
  if (element === undefined) return undefined
  const info = onlyChild(element, NS.signature, 'SignedInfo')
  if (others.length > 0 || info === undefined || !isPlain(element, ['SignedInfo', 'SignatureValue', 'KeyInfo'])) {
    throw reference('a signature has parts that it should not have, or lacks some')
  }
  const one = onlyChild(info, NS.signature, 'Reference')
  if (one === undefined || !isPlain(info, ['CanonicalizationMethod', 'SignatureMethod', 'Reference'])) {
    throw reference('a signature is not about exactly one element')
  }
  checkReference(one, attributeOf(signed, 'ID'))
  return { element, signed, algorithm: readAlgorithms(info, one) }
}

/** No part but those, none twice, and each of them XML Signature's own. */
function isPlain(parent: Element, names: readonly string[]): boolean {
  const found = childrenOf(parent)
  const known = found.every((child) => names.some((name) => isElement(child, NS.signature, name)))
  return known && new Set(found.map(({ localName }) => localName)).size === found.length
}

function checkReference(element: Element, id: string | undefined): void {
  if (id === undefined || !/^[A-Za-z_][\w.-]{0,255}$/.test(id)) throw reference('the signed element has no usable ID')
  if (attributeOf(element, 'URI') !== `#${id}`) throw reference('a signature is about another element than its own')
  const transforms = onlyChild(element, NS.signature, 'Transforms')
  if (transforms === undefined || !isPlain(element, ['Transforms', 'DigestMethod', 'DigestValue'])) {
    throw reference('a reference has parts that it should not have, or lacks some')
  }
  const all = childrenOf(transforms)
  const [first, second] = all.map((transform) => attributeOf(transform, 'Algorithm'))
  const named = all.every((transform) => isElement(transform, NS.signature, 'Transform') && onlyPrefixes(transform))
  if (!named || all.length !== 2 || first !== ENVELOPED || second !== EXCLUSIVE_C14N) {
    throw reference('a signature transforms what it is about by more than taking itself out and canonicalising')
  }
}

/** Exclusive XML Canonicalization, section 4: a list of prefixes is all that can stand in it. */
const onlyPrefixes = (method: Element): boolean =>
  childrenOf(method).every((child) => isElement(child, EXCLUSIVE_C14N, 'InclusiveNamespaces'))

function readAlgorithms(info: Element, one: Element): string {
  const algorithm = (parent: Element, name: string): string | undefined =>
    attributeOf(onlyChild(parent, NS.signature, name), 'Algorithm')
  const canonicalization = algorithm(info, 'CanonicalizationMethod')
  const signing = algorithm(info, 'SignatureMethod')
  const digest = algorithm(one, 'DigestMethod')
  if (canonicalization === EXCLUSIVE_C14N && isSigning(signing) && isDigest(digest)) return signing
  throw new Failure({
    code: 'SamlSignatureAlgorithm',
    message: 'a signature is made by an algorithm that is not accepted',
  })
}

const reference = (message: string): Failure => new Failure({ code: 'SamlSignatureReference', message })

/**
 * What the signature really covers, as canonical XML: whoever goes on, goes on with that. `text` is the document that the
 * element was parsed from. The key is one of `keys`, whatever the signature says of keys. Throws Failure SamlSignatureInvalid.
 */
export function verifySignature(
  { element, signed, algorithm }: SignatureForm,
  text: string,
  keys: readonly KeyObject[],
): string {
  for (const key of keys.filter((each) => fits(each, algorithm))) {
    const covered = coveredBy(element, text, key)
    if (covered !== undefined) return covered
  }
  const what = signed.localName === 'Response' ? 'response' : 'assertion'
  throw new Failure({
    code: 'SamlSignatureInvalid',
    message: `the signature of the ${what} is of none of the keys in the metadata`,
  })
}

function coveredBy(element: Element, text: string, key: KeyObject): string | undefined {
  const verifier = new SignedXml({ publicCert: key, getCertFromKeyInfo: () => null })
  pin(verifier)
  try {
    verifier.loadSignature(element)
    if (!verifier.checkSignature(text)) return undefined
  } catch {
    // The library's errors quote digests and values.
    return undefined
  }
  const [covered, ...others] = verifier.getSignedReferences()
  return others.length === 0 ? covered : undefined
}
