import { X509Certificate } from 'node:crypto'
import { TestbedError } from '../../errors.ts'
import type { Owner } from '../identifiers.ts'
import { samlProviderArn } from '../identifiers.ts'
import type { KnownSamlProvider, SamlProvider } from '../types.ts'
import { metadataNamespace, signatureNamespace } from './names.ts'
import { allElements, attributeOf, childrenNamed, parseXml } from './parseXml.ts'

function toPem(base64: string): string | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).toString()
  } catch {
    return undefined
  }
}

/** Those that it signs with: a key without a use is for everything (SAML metadata, section 2.4.1.1). */
function signingCertificates(descriptor: Element): (string | undefined)[] {
  return childrenNamed(descriptor, metadataNamespace, 'KeyDescriptor')
    .filter((key) => (attributeOf(key, 'use') ?? 'signing') === 'signing')
    .flatMap(allElements)
    .filter(({ namespaceURI, localName }) => namespaceURI === signatureNamespace && localName === 'X509Certificate')
    .map(({ textContent }) => toPem(textContent ?? ''))
}

/**
 * Reads an identity provider's metadata, as IAM does when a SAML provider is created.
 * @throws TestbedError for what IAM would not take.
 */
export function knowSamlProvider(owner: Owner, { name, metadata }: SamlProvider): KnownSamlProvider {
  const refuse = (problem: string): never => {
    throw new TestbedError(`samlProvider ${name}: ${problem}`)
  }
  if (!/^[\w.-]{1,128}$/.test(name)) refuse('the name must be 1 to 128 characters of A-Z a-z 0-9 _ . -')
  const root = parseXml(metadata.trim())
  if (root?.namespaceURI !== metadataNamespace || root.localName !== 'EntityDescriptor') {
    return refuse('the metadata is no EntityDescriptor in XML without a document type')
  }
  const entityId = attributeOf(root, 'entityID') ?? refuse('the metadata has no entityID')
  const certificates = childrenNamed(root, metadataNamespace, 'IDPSSODescriptor').flatMap(signingCertificates)
  const known = certificates.filter((one) => one !== undefined)
  if (known.length === 0 || known.length < certificates.length) {
    refuse('the metadata must have an IDPSSODescriptor with X.509 certificates for signing, all of them readable')
  }
  return { name, arn: samlProviderArn(owner, name), entityId, certificates: known }
}
