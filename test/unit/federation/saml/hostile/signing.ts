/** Signatures that are missing, of somebody else, or made so that they say little. */
import { ENVELOPED, EXCLUSIVE, signXml } from '../../../../support/samlXml.ts'
import { roleArn, signer, stranger } from '../support.ts'
import { admin, type Hostile, replace, signed, tampered, unsigned } from './making.ts'

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const object =
  '<ds:Reference URI="#_response"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>'

export const signing: readonly Hostile[] = [
  ['no signature', 'SamlUnsigned', unsigned()],
  ['the signature taken out', 'SamlUnsigned', tampered(replace(/<ds:Signature [\s\S]*?<\/ds:Signature>/, ''))],
  ['the key of somebody else', 'SamlSignatureInvalid', signXml(unsigned(), stranger)],
  [
    "the key of somebody else, with the issuer's certificate",
    'SamlSignatureInvalid',
    signXml(unsigned(), stranger, { certificate: signer.certificate }),
  ],
  ['a role changed after it was signed', 'SamlSignatureInvalid', tampered(replace(roleArn, admin))],
  [
    'a response whose signature is good, and the assertion in it of somebody else',
    'SamlSignatureInvalid',
    signXml(signXml(unsigned(), stranger), signer, { element: 'response' }),
  ],
  [
    'an assertion whose signature is good, and the response around it of somebody else',
    'SamlSignatureInvalid',
    signXml(signed(), stranger, { element: 'response' }),
  ],
  [
    'a digest that does not fit',
    'SamlSignatureInvalid',
    signed({}, { digestValue: Buffer.alloc(32).toString('base64') }),
  ],
  ['an empty value', 'SamlSignatureInvalid', tampered(replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>'))],
  ['RSA with SHA-1', 'SamlSignatureAlgorithm', signed({}, { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' })],
  ['a digest by SHA-1', 'SamlSignatureAlgorithm', signed({}, { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' })],
  ['a digest by MD5', 'SamlSignatureAlgorithm', signed({}, { digest: `${MORE}md5` })],
  [
    "an HMAC with the issuer's certificate as its key",
    'SamlSignatureAlgorithm',
    signed({}, { algorithm: `${MORE}hmac-sha256`, secret: signer.certificate }),
  ],
  ['an algorithm of ECDSA with an RSA key', 'SamlSignatureInvalid', signed({}, { algorithm: `${MORE}ecdsa-sha256` })],
  [
    'inclusive canonicalisation',
    'SamlSignatureAlgorithm',
    signed({}, { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }),
  ],
  [
    'canonicalisation with comments',
    'SamlSignatureAlgorithm',
    signed({}, { canonicalization: `${EXCLUSIVE}WithComments` }),
  ],
  [
    'a transform by XSLT',
    'SamlSignatureReference',
    signed({}, { transforms: [ENVELOPED, 'http://www.w3.org/TR/1999/REC-xslt-19991116'] }),
  ],
  [
    'a transform by XPath',
    'SamlSignatureReference',
    signed({}, { transforms: [ENVELOPED, 'http://www.w3.org/TR/1999/REC-xpath-19991116', EXCLUSIVE] }),
  ],
  [
    'a transform by base64',
    'SamlSignatureReference',
    signed({}, { transforms: [ENVELOPED, EXCLUSIVE, 'http://www.w3.org/2000/09/xmldsig#base64'] }),
  ],
  ['no enveloped-signature transform', 'SamlSignatureReference', signed({}, { transforms: [EXCLUSIVE] })],
  ['an empty URI', 'SamlSignatureReference', signed({}, { uri: '' })],
  ['the URI of the response, for an assertion', 'SamlSignatureReference', signed({}, { uri: '#_response' })],
  ['a URI with XPointer', 'SamlSignatureReference', signed({}, { uri: "#xpointer(id('_assertion'))" })],
  ['a URI somewhere else', 'SamlSignatureReference', signed({}, { uri: 'https://attacker.example.com/#_assertion' })],
  ['an ID that is none', 'SamlSignatureReference', signed({ assertionId: "x' or '1'='1" })],
  ['two references', 'SamlSignatureReference', signed({}, { more: object })],
  [
    'an Object in the signature',
    'SamlSignatureReference',
    tampered(replace('</ds:Signature>', '<ds:Object/></ds:Signature>')),
  ],
  [
    'a manifest in the signature',
    'SamlSignatureReference',
    tampered(replace('<ds:KeyInfo>', '<ds:Manifest/><ds:KeyInfo>')),
  ],
]
