/** Signature wrapping: something signed is there, and something else is to be believed. */
import { buildAssertion, buildResponse, signXml } from '../../../../support/samlXml.ts'
import { principalArn, signer } from '../support.ts'
import {
  admin,
  around,
  assertionOf,
  fields,
  good,
  type Hostile,
  replace,
  signatureOf,
  signed,
  tampered,
  unsigned,
} from './making.ts'

const evil = buildAssertion({ ...fields, assertionId: '_evil', roles: [[admin, principalArn]] })
const goodSignature = signatureOf(signed())
const bare = good.replace(goodSignature, '')
/** The forged assertion with the genuine signature in it. */
const evilSigned = evil.replace('</saml:Issuer>', `</saml:Issuer>${goodSignature}`)
const inObject = (content: string): string =>
  goodSignature.replace('</ds:Signature>', `<ds:Object>${content}</ds:Object></ds:Signature>`)
const goodResponse = signXml(unsigned(), signer, { element: 'response' })
const responseSignature = signatureOf(goodResponse)
const evilResponse = buildResponse({ ...fields, responseId: '_evil-response' }, evil)
const intoResponse = (signature: string): string => evilResponse.replace('</i:Issuer>', `</i:Issuer>${signature}`)

export const wrapping: readonly Hostile[] = [
  [
    'XSW1: the signed response in an Object of its signature, in a forged response',
    'SamlSeveralAssertions',
    intoResponse(
      responseSignature.replace(
        '</ds:Signature>',
        `<ds:Object>${goodResponse.replace(responseSignature, '')}</ds:Object></ds:Signature>`,
      ),
    ),
  ],
  [
    'XSW2: the signed response before its signature, in a forged response',
    'SamlSeveralAssertions',
    intoResponse(goodResponse.replace(responseSignature, '') + responseSignature),
  ],
  ['XSW3: a forged assertion before the signed one', 'SamlSeveralAssertions', around(evil + good)],
  ['XSW3 the other way: a forged assertion behind the signed one', 'SamlSeveralAssertions', around(good + evil)],
  [
    'XSW4: the signed assertion in a forged one',
    'SamlSeveralAssertions',
    around(evil.replace('</saml:Assertion>', `${good}</saml:Assertion>`)),
  ],
  [
    'XSW5: the signature in a forged assertion, the signed one behind it',
    'SamlSeveralAssertions',
    around(evilSigned + bare),
  ],
  [
    'XSW6: the signed assertion in its signature, in a forged one',
    'SamlSeveralAssertions',
    around(
      evil.replace(
        '</saml:Issuer>',
        `</saml:Issuer>${goodSignature.replace('</ds:Signature>', `${bare}</ds:Signature>`)}`,
      ),
    ),
  ],
  [
    'XSW7: a forged assertion among extensions',
    'SamlSeveralAssertions',
    around(`<samlp:Extensions>${evil}</samlp:Extensions>${good}`),
  ],
  [
    'XSW8: the signed assertion in an Object of its signature, in a forged one',
    'SamlSeveralAssertions',
    around(evil.replace('</saml:Issuer>', `</saml:Issuer>${inObject(bare)}`)),
  ],
  ['the genuine signature in a forged assertion alone', 'SamlSignatureReference', around(evilSigned)],
  [
    'the genuine signature in a forged assertion of the same ID',
    'SamlSignatureInvalid',
    around(evilSigned.replace('_evil', '_assertion')),
  ],
  [
    'the signed assertion under another name of an element',
    'SamlStructure',
    around(`${evil}<samlp:Extensions>${good.replaceAll('saml:Assertion', 'saml:Advice')}</samlp:Extensions>`),
  ],
  ['the only assertion below another element', 'SamlStructure', around(`<samlp:Extensions>${good}</samlp:Extensions>`)],
  [
    'an assertion of no namespace of SAML',
    'SamlStructure',
    around(good.replaceAll('urn:oasis:names:tc:SAML:2.0:assertion', 'urn:other')),
  ],
  [
    'a signature beside the assertion',
    'SamlStructure',
    around(bare).replace('<samlp:Status>', `<samlp:Status>${goodSignature}`),
  ],
  [
    'the assertion with a second signature',
    'SamlSignatureReference',
    around(good.replace('</ds:Signature>', `</ds:Signature>${goodSignature}`)),
  ],
  ['two elements of one ID', 'SamlDuplicateId', tampered(replace('<samlp:Status>', '<samlp:Status id="_assertion">'))],
  [
    'two elements of one ID, spelt otherwise',
    'SamlDuplicateId',
    tampered(replace('<samlp:Status>', '<samlp:Status xml:id="_assertion">')),
  ],
  [
    'two assertions that are both signed',
    'SamlSeveralAssertions',
    around(good + assertionOf(signed({ assertionId: '_second' }))),
  ],
]
