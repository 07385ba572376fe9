/** What hostile responses are made of. */
import type { Code } from '../../../../../src/errors/index.ts'
import { buildResponse, type ResponseFields, type Signing, type Style, signXml } from '../../../../support/samlXml.ts'
import { fieldsOf, signer } from '../support.ts'

/** What is wrong, the code for it, and the response. */
export type Hostile = readonly [name: string, code: Code, xml: string]

export const style: Style = { assertion: 'saml', protocol: 'samlp', signs: ['assertion'] }
export const fields: ResponseFields = { ...fieldsOf(style), assertionId: '_assertion', responseId: '_response' }
export const admin = 'arn:aws:iam::123456789012:role/admin'

export const unsigned = (change: Partial<ResponseFields> = {}): string => buildResponse({ ...fields, ...change })
export const signed = (change: Partial<ResponseFields> = {}, signing: Signing = {}): string =>
  signXml(unsigned(change), signer, signing)
export const bothSigned = (change: Partial<ResponseFields> = {}): string =>
  signXml(signed(change), signer, { element: 'response' })

export type Edit = (xml: string) => string

/** What is not there cannot be changed: such a case would test nothing. */
export const replace =
  (what: string | RegExp, by: string): Edit =>
  (xml) => {
    const edited = xml.replace(what, () => by)
    if (edited === xml) throw new Error(`nothing to replace: ${what}`)
    return edited
  }
/** The identity provider itself wrote it so, and signed it. */
export const written = (edit: Edit, signing: Signing = {}): string => signXml(edit(unsigned()), signer, signing)
/** Somebody changed what the identity provider had signed. */
export const tampered = (edit: Edit, xml: string = signed()): string => edit(xml)

export const assertionOf = (xml: string): string => /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? ''
export const signatureOf = (xml: string): string => /<ds:Signature [\s\S]*?<\/ds:Signature>/.exec(xml)?.[0] ?? ''
export const good = assertionOf(signed())
/** A response with that in place of its assertion. */
export const around = (content: string): string => buildResponse(fields, content)
