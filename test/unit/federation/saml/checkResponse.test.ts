import { describe, expect, it } from 'vitest'
import type { Failure } from '../../../../src/errors/index.ts'
import { checkResponse, type Expected, readMetadata } from '../../../../src/federation/saml/index.ts'
import {
  buildResponse,
  createSigner,
  metadataOf,
  type ResponseFields,
  type Signer,
  type Signing,
  signedResponse,
  signXml,
  styles,
} from '../../../support/samlXml.ts'
import { noon } from '../support.ts'
import { entityId, expected, fieldsOf, metadata, principalArn, roleArn, signer, stranger } from './support.ts'

const check = (xml: string, change: Partial<Expected> = {}, inResponseTo?: string) =>
  checkResponse(xml, { ...expected, ...change }, noon, inResponseTo)
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (thrown) {
    return (thrown as Failure).code
  }
}
const trustedIn = (...signers: readonly Signer[]): Partial<Expected> => ({
  trusted: readMetadata(metadataOf(entityId, signers)),
})
const withoutMetadata = ({ trusted: _, ...rest }: Expected): Expected => rest

describe('a response that is good', () => {
  it.each(Object.entries(styles))('as %s writes it', (_, style) => {
    const xml = signedResponse({ ...fieldsOf(style), sessionDuration: 3600, sessionEnds: 3600 }, signer)
    const found = { issuer: entityId, sessionName: 'web@example.com', issued: noon - 2_000 }
    expect(check(xml)).toMatchObject(found)
    expect(checkResponse(xml, withoutMetadata(expected), noon)).toMatchObject(found)
    expect(check(`\uFEFF<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n${xml}\n`)).toMatchObject(found)
  })

  const more = 'http://www.w3.org/2001/04/xmldsig-more#'
  it.each<['rsa' | 'ec', Signing]>([
    ['rsa', { algorithm: `${more}rsa-sha384`, digest: `${more}sha384` }],
    ['rsa', { algorithm: `${more}rsa-sha512`, digest: 'http://www.w3.org/2001/04/xmlenc#sha512' }],
    ['ec', {}],
    ['ec', { algorithm: `${more}ecdsa-sha384` }],
    ['ec', { algorithm: `${more}ecdsa-sha512` }],
  ])('signed by %s %j', async (kind, signing) => {
    const own = await createSigner(kind)
    const xml = signXml(buildResponse(fieldsOf()), own, signing)
    expect(check(xml, trustedIn(own)).issuer).toBe(entityId)
    expect(codeOf(() => check(xml))).toBe('SamlSignatureInvalid')
  })

  it('signed by the new key, while the metadata has both', () => {
    const xml = signXml(buildResponse(fieldsOf()), stranger)
    expect(check(xml, trustedIn(signer, stranger)).issuer).toBe(entityId)
  })

  it('with line ends in a signature that another signature is about', () => {
    const inner = signXml(buildResponse(fieldsOf()), signer).replace(
      '<ds:X509Certificate>',
      '<ds:X509Certificate>&#13;\n',
    )
    const xml = signXml(inner, signer, { element: 'response' })
    expect(check(xml).issuer).toBe(entityId)
  })

  it('in answer to our request', () => {
    const xml = signedResponse({ ...fieldsOf(), inResponseTo: '_ours' }, signer)
    expect(check(xml, {}, '_ours').issuer).toBe(entityId)
    expect(codeOf(() => check(xml, {}, '_other'))).toBe('SamlAnswerForAnother')
    expect(codeOf(() => check(signedResponse(fieldsOf(), signer), {}, '_ours'))).toBe('SamlAnswerForAnother')
    const outside = xml.replace('InResponseTo="_ours"', 'InResponseTo="_other"')
    const inside = signXml(
      buildResponse({ ...fieldsOf(styles.adfs), inResponseTo: '_ours' }).replace(
        'InResponseTo="_ours"',
        'InResponseTo="_other"',
      ),
      signer,
    )
    expect(codeOf(() => checkResponse(outside, withoutMetadata(expected), noon, '_other'))).toBe('SamlAnswerForAnother')
    expect(codeOf(() => check(inside, {}, '_other'))).toBe('SamlAnswerForAnother')
  })

  it.each<[number, Partial<ResponseFields>]>([
    [noon + 5 * 60_000 + 30_000 - 2_001, {}],
    [noon - 30_000, { now: noon }],
  ])('up to half a minute beyond what would be wrong', (now, change) => {
    const fields = { ...fieldsOf(), ...change }
    const xml = signXml(buildResponse(fields), signer)
    expect(checkResponse(xml, expected, now).issuer).toBe(entityId)
    expect(codeOf(() => checkResponse(xml, expected, now < noon ? now - 1 : now + 1))).not.toBe('none')
  })
})

describe('a key', () => {
  it('that is too short for RSA is none', async () => {
    const small = await createSigner('rsa', 1024)
    const xml = signXml(buildResponse(fieldsOf()), small)
    expect(codeOf(() => check(xml, trustedIn(small)))).toBe('SamlSignatureInvalid')
  })

  it('of the wrong kind is not tried', async () => {
    const ec = await createSigner('ec')
    const xml = signXml(buildResponse(fieldsOf()), signer)
    expect(codeOf(() => check(xml, trustedIn(ec)))).toBe('SamlSignatureInvalid')
  })
})

describe('without metadata', () => {
  it('who has signed is left to STS, and all else is checked', () => {
    const xml = signXml(buildResponse(fieldsOf()), stranger)
    expect(checkResponse(xml, withoutMetadata(expected), noon).issuer).toBe(entityId)
    expect(codeOf(() => checkResponse(buildResponse(fieldsOf()), withoutMetadata(expected), noon))).toBe('SamlUnsigned')
    const other = signXml(buildResponse({ ...fieldsOf(), roles: [[`${roleArn}x`, principalArn]] }), stranger)
    expect(codeOf(() => checkResponse(other, withoutMetadata(expected), noon))).toBe('SamlRolePair')
  })
})

describe('readMetadata', () => {
  it('has the entity ID and the signing keys', () => {
    const commented = `<?xml version="1.0"?><!-- ours -->${metadata.replace('<IDPSSO', '<!-- <x --><IDPSSO')}`
    expect(readMetadata(commented)).toMatchObject({ entityId })
    expect(readMetadata(metadataOf(entityId, [signer, stranger])).keys).toHaveLength(2)
    const encryption = metadataOf(entityId, [signer, stranger]).replace('use="signing"', 'use="encryption"')
    expect(readMetadata(encryption).keys).toHaveLength(1)
    expect(readMetadata(metadata.replace(' use="signing"', '')).keys).toHaveLength(1)
  })

  it.each([
    ['no XML', 'metadata'],
    ['a document type', `<!DOCTYPE x>${metadata}`],
    ['a comment that does not end', `<!-- ${metadata}`],
    [
      'several entities',
      `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${metadata}</EntitiesDescriptor>`,
    ],
    ['no entity ID', metadata.replace(/ entityID="[^"]*"/, '')],
    ['no certificate', metadata.replace(/<KeyDescriptor.*<\/KeyDescriptor>/s, '')],
    ['a certificate that is none', metadata.replace(/(<ds:X509Certificate>)[^<]*/, '$1AAAA')],
    ['certificates of a service provider', metadata.replaceAll('IDPSSODescriptor', 'SPSSODescriptor')],
    ['too long', `${metadata}${' '.repeat(70_000)}x`],
  ])('refuses %s', (_, xml) => {
    expect(codeOf(() => readMetadata(xml))).toBe('SamlMetadataInvalid')
  })
})
