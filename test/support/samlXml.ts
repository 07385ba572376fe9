/** SAML responses as identity providers write them, and signatures over them: good ones, and any other that a test wants. */
import { createHash, createHmac, createSign } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { DOMParser } from '@xmldom/xmldom'
import { ExclusiveCanonicalization } from 'xml-crypto'

export const AWS = 'https://aws.amazon.com/SAML/Attributes/'
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
export const ECDSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'

/** A key with its self-signed certificate, all PEM. */
export type Signer = { readonly privateKey: string; readonly certificate: string; readonly algorithm: string }

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const rsaOf = (bits: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: bits,
})

export async function createSigner(kind: 'rsa' | 'ec' = 'rsa', bits = 2048): Promise<Signer> {
  const algorithm = kind === 'ec' ? CURVE : rsaOf(bits)
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=idp.example.com',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2040-01-01T00:00:00Z'),
  })
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    certificate: certificate.toString('pem'),
    algorithm: kind === 'ec' ? ECDSA_SHA256 : RSA_SHA256,
  }
}

/** How an identity provider writes: prefixes (an empty one is the default namespace), types of values, what it signs. */
export type Style = {
  readonly assertion: string
  readonly protocol: string
  readonly typed?: 'xs' | 'xsd'
  readonly signs: readonly ('assertion' | 'response')[]
  /** The provider before the role, as some write it. */
  readonly providerFirst?: true
  readonly pretty?: true
}

export const styles = {
  adfs: { assertion: '', protocol: 'samlp', signs: ['assertion'], providerFirst: true },
  okta: { assertion: 'saml2', protocol: 'saml2p', typed: 'xs', signs: ['assertion', 'response'] },
  shibboleth: { assertion: 'saml2', protocol: 'saml2p', typed: 'xsd', signs: ['assertion'], pretty: true },
  keycloak: { assertion: 'saml', protocol: 'samlp', typed: 'xs', signs: ['response'] },
} as const satisfies Record<string, Style>

export type ResponseFields = {
  /** Epoch milliseconds. */
  readonly now: number
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly recipient: string
  /** Pairs of role and provider. */
  readonly roles: readonly (readonly [role: string, provider: string])[]
  readonly sessionName: string
  readonly sessionDuration?: number
  readonly nameId?: string
  readonly inResponseTo?: string
  readonly assertionId?: string
  readonly responseId?: string
  readonly style?: Style
  /** Seconds until the session is to end. */
  readonly sessionEnds?: number
}

export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const time = (at: number): string => new Date(at).toISOString()

let serial = 0
const newId = (): string => `_${createHash('sha256').update(`${process.pid}.${serial++}`).digest('hex').slice(0, 32)}`

/** An assertion without a signature. */
export function buildAssertion(fields: ResponseFields): string {
  const { now, style = styles.okta, issuer, recipient, inResponseTo, assertionId = newId(), sessionEnds } = fields
  const p = style.assertion === '' ? '' : `${style.assertion}:`
  const declared = style.assertion === '' ? 'xmlns' : `xmlns:${style.assertion}`
  const typed = 'typed' in style ? ` xmlns:${style.typed}="http://www.w3.org/2001/XMLSchema"` : ''
  const request = inResponseTo === undefined ? '' : ` InResponseTo="${inResponseTo}"`
  const ends = sessionEnds === undefined ? '' : ` SessionNotOnOrAfter="${time(now + sessionEnds * 1000)}"`
  const audiences = fields.audiences.map((one) => `<${p}Audience>${escapeText(one)}</${p}Audience>`).join('')
  const xml =
    `<${p}Assertion ${declared}="urn:oasis:names:tc:SAML:2.0:assertion"${typed} ID="${assertionId}" Version="2.0" IssueInstant="${time(now)}">` +
    `<${p}Issuer>${escapeText(issuer)}</${p}Issuer>` +
    `<${p}Subject><${p}NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${escapeText(fields.nameId ?? 'c4n4ry-subject')}</${p}NameID>` +
    `<${p}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><${p}SubjectConfirmationData NotOnOrAfter="${time(now + 300_000)}" Recipient="${escapeText(recipient)}"${request}/></${p}SubjectConfirmation></${p}Subject>` +
    `<${p}Conditions NotBefore="${time(now - 5_000)}" NotOnOrAfter="${time(now + 3_600_000)}"><${p}AudienceRestriction>${audiences}</${p}AudienceRestriction></${p}Conditions>` +
    `<${p}AttributeStatement>${attributes(fields, style, p)}</${p}AttributeStatement>` +
    `<${p}AuthnStatement AuthnInstant="${time(now)}" SessionIndex="_s"${ends}><${p}AuthnContext><${p}AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</${p}AuthnContextClassRef></${p}AuthnContext></${p}AuthnStatement>` +
    `</${p}Assertion>`
  return 'pretty' in style ? xml.replaceAll('><', '>\n  <') : xml
}

function attributes(fields: ResponseFields, style: Style, p: string): string {
  const typed = style.typed
  const type =
    typed === undefined ? '' : ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${typed}:string"`
  const attribute = (name: string, values: readonly string[]): string => {
    const all = values.map((value) => `<${p}AttributeValue${type}>${escapeText(value)}</${p}AttributeValue>`).join('')
    return `<${p}Attribute Name="${AWS}${name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">${all}</${p}Attribute>`
  }
  const pairs = fields.roles.map(([role, provider]) =>
    style.providerFirst ? `${provider},${role}` : `${role},${provider}`,
  )
  return (
    attribute('Role', pairs) +
    attribute('RoleSessionName', [fields.sessionName]) +
    (fields.sessionDuration === undefined ? '' : attribute('SessionDuration', [String(fields.sessionDuration)])) +
    `<${p}Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"><${p}AttributeValue${type}>c4n4ry-upn</${p}AttributeValue></${p}Attribute>`
  )
}

/** A response without a signature around any assertion. */
export function buildResponse(fields: ResponseFields, assertion: string = buildAssertion(fields)): string {
  const { now, style = styles.okta, issuer, recipient, inResponseTo, responseId = newId() } = fields
  const p = `${style.protocol}:`
  const request = inResponseTo === undefined ? '' : ` InResponseTo="${inResponseTo}"`
  return (
    `<${p}Response xmlns:${style.protocol}="urn:oasis:names:tc:SAML:2.0:protocol" ID="${responseId}" Version="2.0" IssueInstant="${time(now)}" Destination="${escapeText(recipient)}"${request}>` +
    `<i:Issuer xmlns:i="urn:oasis:names:tc:SAML:2.0:assertion">${escapeText(issuer)}</i:Issuer>` +
    `<${p}Status><${p}StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></${p}Status>${assertion}</${p}Response>`
  )
}

export type Signing = {
  readonly element?: 'assertion' | 'response'
  readonly algorithm?: string
  readonly digest?: string
  readonly canonicalization?: string
  readonly transforms?: readonly string[]
  /** Prefixes of Exclusive Canonicalization, section 4. */
  readonly prefixes?: readonly string[]
  /** What an HMAC is made with. */
  readonly secret?: string
  /** Of the reference; by default the element's own ID. */
  readonly uri?: string
  /** More of SignedInfo, behind the reference, canonical. */
  readonly more?: string
  /** Of KeyInfo, in place of the signer's. */
  readonly certificate?: string
  readonly digestValue?: string
}

const NAMES = { assertion: 'Assertion', response: 'Response' } as const
const DSIG = 'http://www.w3.org/2000/09/xmldsig#'

/** Signs one element, the signature right behind its issuer as the schema wants it. Any of it can be made wrong. */
export function signXml(xml: string, signer: Signer, signing: Signing = {}): string {
  const { element = 'assertion', certificate = signer.certificate } = signing
  const signed = elementsNamed(xml, NAMES[element])[0] as Element
  const info = signedInfo(signed, signer, signing)
  const value = makeSignature(info, signer, signing)
  const body = certificate.replace(/-----[A-Z ]+-----|\s/g, '')
  const signature =
    `<ds:Signature xmlns:ds="${DSIG}">${info}<ds:SignatureValue>${value}</ds:SignatureValue>` +
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`
  const start = new RegExp(`<(\\w+:)?${NAMES[element]}[ >]`).exec(xml)?.index ?? 0
  const issuer = /<\/(\w+:)?Issuer>/.exec(xml.slice(start))
  const at = start + (issuer?.index ?? 0) + (issuer?.[0].length ?? 0)
  return xml.slice(0, at) + signature + xml.slice(at)
}

export const elementsNamed = (xml: string, name: string): Element[] =>
  Array.from(new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('*', name))

/** Canonical as it is written, so that it need not be canonicalised. */
function signedInfo(signed: Element, signer: Signer, signing: Signing): string {
  const {
    transforms = [ENVELOPED, EXCLUSIVE],
    prefixes = [],
    digest = 'http://www.w3.org/2001/04/xmlenc#sha256',
  } = signing
  const list =
    prefixes.length === 0
      ? ''
      : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${prefixes.join(' ')}"></ec:InclusiveNamespaces>`
  const all = transforms
    .map((name) => `<ds:Transform Algorithm="${name}">${name === EXCLUSIVE ? list : ''}</ds:Transform>`)
    .join('')
  const canonical = new ExclusiveCanonicalization().process(signed, { inclusiveNamespacesPrefixList: [...prefixes] })
  const digestValue = signing.digestValue ?? createHash(hashOf(digest)).update(canonical).digest('base64')
  return (
    `<ds:SignedInfo xmlns:ds="${DSIG}"><ds:CanonicalizationMethod Algorithm="${signing.canonicalization ?? EXCLUSIVE}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${signing.algorithm ?? signer.algorithm}"></ds:SignatureMethod>` +
    `<ds:Reference URI="${signing.uri ?? `#${signed.getAttribute('ID')}`}"><ds:Transforms>${all}</ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digest}"></ds:DigestMethod><ds:DigestValue>${digestValue}</ds:DigestValue></ds:Reference>${signing.more ?? ''}</ds:SignedInfo>`
  )
}

const hashOf = (algorithm: string): string => /sha\d+$/.exec(algorithm)?.[0] ?? 'sha256'

function makeSignature(info: string, signer: Signer, { algorithm = signer.algorithm, secret }: Signing): string {
  const hash = hashOf(algorithm)
  if (secret !== undefined) return createHmac(hash, secret).update(info).digest('base64')
  return createSign(hash).update(info).sign({ key: signer.privateKey, dsaEncoding: 'ieee-p1363' }, 'base64')
}

/** A response signed as that kind of identity provider signs: the assertion first, then what is around it. */
export function signedResponse(fields: ResponseFields, signer: Signer): string {
  const { style = styles.okta } = fields
  const prefixes = style.typed === undefined ? [] : [style.typed]
  return [...style.signs]
    .sort()
    .reduce<string>((xml, element) => signXml(xml, signer, { element, prefixes }), buildResponse(fields))
}

/** The metadata of an identity provider. */
export function metadataOf(
  entityId: string,
  signers: readonly Signer[],
  location = 'https://idp.example.com/ecp',
): string {
  const keys = signers.map(({ certificate }) => {
    const body = certificate.replace(/-----[A-Z ]+-----/g, '').trim()
    return `<KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>\n${body}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>`
  })
  return (
    `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${escapeText(entityId)}">` +
    `<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}` +
    `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="${escapeText(location)}"/></IDPSSODescriptor></EntityDescriptor>`
  )
}
