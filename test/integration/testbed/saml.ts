import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { SignedXml } from 'xml-crypto'
import { type Answer, accountId, post, type World } from './support.ts'

/** A key that an identity provider signs with. */
export type SamlKey = { privateKey: string; certificate: string }

export async function createSamlKey(): Promise<SamlKey> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=idp',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(0),
    notAfter: new Date('2100-01-01'),
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { privateKey: x509.PemConverter.encode(key, 'PRIVATE KEY'), certificate: certificate.toString('pem') }
}

export const entityId = 'https://idp.example.test/saml'
export const providerArn = `arn:aws:iam::${accountId}:saml-provider/corporate`
export const roleArn = `arn:aws:iam::${accountId}:role/web`
export const recipient = 'https://signin.aws.amazon.com/saml'

const base64Of = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '')

export function metadataOf(keys: readonly SamlKey[], change: { entityId?: string; extra?: string } = {}): string {
  const descriptors = keys.map(
    ({ certificate }) =>
      `<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${base64Of(certificate)}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`,
  )
  return `<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${change.entityId ?? entityId}">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${descriptors.join('')}${change.extra ?? ''}
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="${entityId}/ecp"/>
  </IDPSSODescriptor>
</EntityDescriptor>`
}

const attributePrefix = 'https://aws.amazon.com/SAML/Attributes/'
export type Attributes = Record<string, string | readonly string[] | undefined>

/** What an assertion says; each part can be replaced, most of them by raw XML. */
export type Said = {
  now: number
  id?: string
  issuer?: string
  /** Milliseconds after `now`. */
  issued?: number
  nameId?: string
  confirmations?: string
  data?: string
  conditions?: string
  authn?: string
  attributes?: Attributes
  more?: string
}

export const at = (now: number, offset: number): string => new Date(now + offset).toISOString()
export const confirmation = (data: string, method = 'bearer'): string =>
  `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:${method}"><saml:SubjectConfirmationData ${data}/></saml:SubjectConfirmation>`

export function attributeXml(name: string, values: readonly string[]): string {
  const list = values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')
  return `<saml:Attribute Name="${name}">${list}</saml:Attribute>`
}

export function assertionXml(said: Said): string {
  const { now, id = '_assertion', issuer = entityId, issued = 0, more = '' } = said
  const nameId =
    said.nameId ?? '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">user-1</saml:NameID>'
  const data = said.data ?? `Recipient="${recipient}" NotOnOrAfter="${at(now, 300_000)}"`
  const conditions =
    said.conditions ??
    `<saml:Conditions NotBefore="${at(now, -1000)}" NotOnOrAfter="${at(now, 300_000)}"><saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>`
  const all: Attributes = {
    Role: `${roleArn},${providerArn}`,
    RoleSessionName: 'user@example.test',
    ...said.attributes,
  }
  const attributes = Object.entries(all)
    .filter((entry): entry is [string, string | string[]] => entry[1] !== undefined)
    .map(([name, values]) => attributeXml(attributePrefix + name, [values].flat()))
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${at(now, issued)}"><saml:Issuer>${issuer}</saml:Issuer><saml:Subject>${nameId}${said.confirmations ?? confirmation(data)}</saml:Subject>${conditions}<saml:AuthnStatement AuthnInstant="${at(now, 0)}" ${said.authn ?? ''}/><saml:AttributeStatement>${attributes.join('')}${more}</saml:AttributeStatement></saml:Assertion>`
}

export function responseXml(content: string, { status = 'Success', id = '_response' } = {}): string {
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${id}" Version="2.0" Destination="${recipient}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${entityId}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${status}"/></samlp:Status>${content}</samlp:Response>`
}

export type SignOptions = {
  what?: 'Assertion' | 'Response'
  algorithm?: string
  digest?: string
  transforms?: readonly string[]
  canonicalization?: string
  uri?: string
}

export const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** Signs one element of a document, the signature right after its Issuer. */
export function sign(xml: string, key: SamlKey, options: SignOptions = {}): string {
  const { what = 'Assertion', transforms = [enveloped, exclusive] } = options
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm: options.algorithm ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: options.canonicalization ?? exclusive,
  })
  const xpath = `//*[local-name(.)='${what}']`
  signer.addReference({
    xpath,
    transforms,
    digestAlgorithm: options.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    ...(options.uri !== undefined && { uri: options.uri, isEmptyUri: options.uri === '' }),
  })
  const reference = `${xpath}/*[local-name(.)='Issuer']`
  signer.computeSignature(xml, { prefix: 'ds', location: { reference, action: 'after' } })
  return signer.getSignedXml()
}

/** A response as an identity provider sends it, its assertion signed. */
export function goodResponse(key: SamlKey, said: Said): string {
  return sign(responseXml(assertionXml(said)), key)
}

export const encode = (xml: string): string => Buffer.from(xml, 'utf8').toString('base64')

/** AssumeRoleWithSAML of `web` by the provider `corporate`, each parameter replaceable. */
export function redeem(world: World, xml: string, parameters: Record<string, string> = {}): Promise<Answer> {
  return post(world, {
    Action: 'AssumeRoleWithSAML',
    Version: '2011-06-15',
    RoleArn: roleArn,
    PrincipalArn: providerArn,
    SAMLAssertion: encode(xml),
    ...parameters,
  })
}
