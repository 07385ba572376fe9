import { type KeyObject, X509Certificate } from 'node:crypto'
import { Failure } from '../../errors/index.ts'
import { attributeOf, childrenNamed, childrenOf, isElement, textOf } from './dom.ts'
import { NS } from './names.ts'
import { parseXml } from './parseXml.ts'

/** Whose assertions are expected, by the operator's own copy of the identity provider's metadata. */
export type TrustedIssuer = {
  readonly entityId: string
  /** The keys that it signs with: at least one. */
  readonly keys: readonly KeyObject[]
}

const MOST = 65_536
const WHAT = 'the metadata of the identity provider'

/**
 * The entity ID and the signing keys of an identity provider (SAML 2.0 metadata, sections 2.3.2, 2.4.1.1 and 2.4.3). As usual with
 * SAML, a certificate is a container of a key: its dates and its issuer say nothing. Throws Failure SamlMetadataInvalid.
 */
export function readMetadata(xml: string): TrustedIssuer {
  const entity = parseMetadata(xml)
  const entityId = attributeOf(entity, 'entityID')
  if (!isElement(entity, NS.metadata, 'EntityDescriptor') || !entityId) {
    throw invalid('its root is no EntityDescriptor with an entityID')
  }
  const descriptors = childrenNamed(entity, NS.metadata, 'IDPSSODescriptor').flatMap((role) =>
    childrenNamed(role, NS.metadata, 'KeyDescriptor'),
  )
  const keys = descriptors
    .filter((descriptor) => (attributeOf(descriptor, 'use') ?? 'signing') === 'signing')
    .flatMap(certificatesIn)
    .map(keyOf)
  if (keys.length === 0) throw invalid('it has no IDPSSODescriptor with a signing certificate')
  return { entityId, keys }
}

function parseMetadata(xml: string): Element {
  try {
    return parseXml(withoutComments(xml), { most: MOST, what: WHAT }).root
  } catch (thrown) {
    throw invalid(thrown instanceof Failure ? (thrown.problems[0]?.message ?? '') : 'it cannot be read')
  }
}

/** The operator's own text, and identity providers do comment it. What does not end stays, and is refused. */
function withoutComments(xml: string): string {
  const [first = '', ...parts] = xml.split('<!--')
  return parts.reduce((text, part) => {
    const end = part.indexOf('-->')
    return end === -1 ? `${text}<!--${part}` : text + part.slice(end + 3)
  }, first)
}

function certificatesIn(descriptor: Element): string[] {
  return childrenNamed(descriptor, NS.signature, 'KeyInfo')
    .flatMap((info) => childrenNamed(info, NS.signature, 'X509Data'))
    .flatMap(childrenOf)
    .filter((child) => isElement(child, NS.signature, 'X509Certificate'))
    .map((child) => textOf(child) ?? '')
}

function keyOf(certificate: string): KeyObject {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).publicKey
  } catch {
    throw invalid('one of its signing certificates is none')
  }
}

const invalid = (problem: string): Failure =>
  new Failure({ code: 'SamlMetadataInvalid', message: `${WHAT} cannot be used: ${problem}` })
