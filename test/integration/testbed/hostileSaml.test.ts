import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCertificateAuthority, type Sts, startSts } from '../../../src/testbed/index.ts'
import {
  assertionXml,
  createSamlKey,
  enveloped,
  exclusive,
  goodResponse,
  metadataOf,
  providerArn,
  redeem,
  responseXml,
  type SamlKey,
  sign,
} from './saml.ts'
import { accountId, createClock, verdictOf, type World } from './support.ts'

const clock = createClock()
const now = clock.now()
let key: SamlKey
let stranger: SamlKey
let sts: Sts
let world: World

beforeAll(async () => {
  ;[key, stranger] = await Promise.all([createSamlKey(), createSamlKey()])
  const ca = await createCertificateAuthority({ name: 'testbed', now: clock.now })
  const Statement = {
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: 'sts:AssumeRoleWithSAML',
  } as const
  sts = await startSts({
    ca,
    now: clock.now,
    accountId,
    providers: [],
    samlProviders: [{ name: 'corporate', metadata: metadataOf([key]) }],
    roles: [{ name: 'web', trustPolicy: { Statement } }],
  })
  world = { ca, sts, clock } as World
})
afterAll(() => sts.stop())

const judge = async (xml: string): Promise<unknown[]> => verdictOf(await redeem(world, xml))
const invalid = (message: string): unknown[] => [400, 'InvalidIdentityToken', message]
const badSignature = invalid('Response signature invalid')
const badXml = invalid('Invalid SAML response')
const onlyOne = invalid('The SAML response must have exactly one assertion')

const good = (): string => goodResponse(key, { now })
const signedResponse = (): string => sign(responseXml(assertionXml({ now })), key, { what: 'Response' })
/** What an attacker wants to be taken for. */
const evil = (id = '_evil'): string => assertionXml({ now, id, attributes: { RoleSessionName: 'administrator' } })
const cut = (xml: string, name: string): { before: string; element: string; after: string } => {
  const [begin, end] = [xml.indexOf(`<${name}`), xml.lastIndexOf(`</${name}>`) + name.length + 3]
  return { before: xml.slice(0, begin), element: xml.slice(begin, end), after: xml.slice(end) }
}
const without = (xml: string, name: string): string => {
  const { before, after } = cut(xml, name)
  return before + after
}
/** An unsigned assertion, with something put in at its end. */
const holding = (outer: string, inner: string): string =>
  outer.replace('</saml:Assertion>', `${inner}</saml:Assertion>`)
const inSignature = (xml: string, content: string): string =>
  xml.replace('</ds:Signature>', `<ds:Object>${content}</ds:Object></ds:Signature>`)

it('the double takes what all of these began as', async () => {
  expect(await judge(good())).toEqual([200, undefined, undefined])
  expect(await judge(signedResponse())).toEqual([200, undefined, undefined])
})

describe('signature wrapping', () => {
  it.each<[title: string, xml: () => string, verdict: unknown[]]>([
    [
      '1: a forged response around the signed one',
      () => {
        const original = signedResponse()
        const forged = responseXml(evil(), { id: '_forged' })
        const signature = cut(original, 'ds:Signature').element
        return forged.replace(
          '<samlp:Status>',
          `${inSignature(signature, without(original, 'ds:Signature'))}<samlp:Status>`,
        )
      },
      onlyOne,
    ],
    [
      '2: the signed response beside its signature',
      () => {
        const original = signedResponse()
        const signature = cut(original, 'ds:Signature').element
        const forged = responseXml(evil(), { id: '_forged' })
        return forged.replace('<samlp:Status>', `${signature}${without(original, 'ds:Signature')}<samlp:Status>`)
      },
      onlyOne,
    ],
    [
      '3: a forged assertion before the signed one',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        return before + evil() + element + after
      },
      onlyOne,
    ],
    [
      '4: the signed assertion in a forged one',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        return before + holding(evil(), element) + after
      },
      onlyOne,
    ],
    [
      '5: a forged assertion with the signature, the signed one behind it',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        const signature = cut(element, 'ds:Signature').element
        const forged = evil().replace('<saml:Subject>', `${signature}<saml:Subject>`)
        return before + forged + without(element, 'ds:Signature') + after
      },
      onlyOne,
    ],
    [
      '6: the signed assertion in the signature of a forged one',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        const signature = inSignature(cut(element, 'ds:Signature').element, without(element, 'ds:Signature'))
        return before + evil().replace('<saml:Subject>', `${signature}<saml:Subject>`) + after
      },
      onlyOne,
    ],
    [
      '7: a forged assertion in Extensions',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        return `${before}<samlp:Extensions>${evil('_assertion')}</samlp:Extensions>${element}${after}`
      },
      onlyOne,
    ],
    [
      '8: the signed assertion in an Object of a forged one',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        const signature = cut(element, 'ds:Signature').element
        const forged = evil('_assertion').replace(
          '<saml:Subject>',
          `${inSignature(signature, without(element, 'ds:Signature'))}<saml:Subject>`,
        )
        return before + forged + after
      },
      onlyOne,
    ],
    [
      'a signature for another element, moved to the forged assertion',
      () => {
        const { element } = cut(good(), 'saml:Assertion')
        const signature = cut(element, 'ds:Signature').element
        const hidden = `<hidden>${without(element, 'ds:Signature').replaceAll('saml:Assertion', 'saml:Advice')}</hidden>`
        return responseXml(hidden + evil().replace('<saml:Subject>', `${signature}<saml:Subject>`))
      },
      badSignature,
    ],
    [
      'an ID that is there twice',
      () => good().replace('<samlp:StatusCode ', '<samlp:StatusCode ID="_assertion" '),
      badSignature,
    ],
    [
      'an ID in other spelling',
      () => good().replace('<samlp:StatusCode ', '<samlp:StatusCode Id="_assertion" '),
      badSignature,
    ],
    [
      'an assertion in another namespace',
      () => {
        const { before, element, after } = cut(good(), 'saml:Assertion')
        const forged = evil().replaceAll('urn:oasis:names:tc:SAML:2.0:assertion', 'urn:other')
        return before + forged + element + after
      },
      [200, undefined, undefined],
    ],
  ])('%s', async (_title, xml, verdict) => {
    expect(await judge(xml())).toEqual(verdict)
    const names = sts.requests.map(({ facts }) => facts.sessionName)
    expect(names).not.toContain('administrator')
  })
})

describe('signatures', () => {
  const replaceIn = (from: string | RegExp, to: string) => good().replace(from, to)

  it.each<[title: string, xml: () => string, verdict?: unknown[]]>([
    ['none', () => responseXml(assertionXml({ now }))],
    ['stripped', () => without(good(), 'ds:Signature')],
    ['of another key', () => goodResponse(stranger, { now })],
    ['over other words', () => replaceIn('user-1', 'user-2')],
    ['over another role', () => replaceIn('role/web', 'role/all')],
    ['with another value', () => replaceIn(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA')],
    ['with another digest', () => replaceIn(/<ds:DigestValue>..../, '<ds:DigestValue>AAAA')],
    [
      'with SHA-1',
      () => sign(responseXml(assertionXml({ now })), key, { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }),
    ],
    [
      'of a SHA-1 digest',
      () => sign(responseXml(assertionXml({ now })), key, { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }),
    ],
    [
      'by another canonicalisation',
      () =>
        sign(responseXml(assertionXml({ now })), key, {
          canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
        }),
    ],
    [
      'with comments in it',
      () => sign(responseXml(assertionXml({ now })), key, { transforms: [enveloped, `${exclusive}WithComments`] }),
    ],
    ['without transforms', () => replaceIn(/<ds:Transforms>.*<\/ds:Transforms>/, '')],
    [
      'of XSLT',
      () =>
        replaceIn(
          `<ds:Transform Algorithm="${exclusive}"`,
          '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"',
        ),
    ],
    [
      'of XPath',
      () =>
        replaceIn(
          `<ds:Transform Algorithm="${exclusive}"`,
          '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"',
        ),
    ],
    ['of the whole document', () => sign(responseXml(assertionXml({ now })), key, { uri: '' })],
    [
      'with two references',
      () => {
        const [reference = ''] = /<ds:Reference .*<\/ds:Reference>/.exec(good()) ?? []
        return replaceIn('</ds:SignedInfo>', `${reference}</ds:SignedInfo>`)
      },
    ],
    ['twice', () => sign(good(), key)],
    [
      'of the response only, the assertion’s being another’s',
      () => sign(goodResponse(stranger, { now }), key, { what: 'Response' }),
    ],
    ['of the assertion only, the response’s being another’s', () => sign(good(), stranger, { what: 'Response' })],
    [
      'elsewhere',
      () =>
        good().replace('<samlp:Status>', '<samlp:Status><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'),
    ],
    [
      'with the key in the message',
      () =>
        goodResponse(stranger, { now }).replace(
          '</ds:Signature>',
          `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${stranger.certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`,
        ),
    ],
    [
      'by the certificate as a shared secret',
      () => {
        const hmac = 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'
        const xml = good().replace('http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', hmac)
        const value = createHmac('sha1', key.certificate)
          .update(/<ds:SignedInfo.*<\/ds:SignedInfo>/.exec(xml)?.[0] ?? '')
          .digest('base64')
        return xml.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`)
      },
    ],
  ])('%s', async (_title, xml, verdict = badSignature) => {
    expect(await judge(xml())).toEqual(verdict)
  })
})

describe('documents', () => {
  const type = (declaration: string, xml = good()): string => `<!DOCTYPE r [${declaration}]>${xml}`
  const bomb = Array.from({ length: 10 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('')

  it.each<[title: string, xml: () => string, verdict?: unknown[]]>([
    ['with a document type', () => type('')],
    ['with a billion laughs', () => type(`<!ENTITY l0 "lol">${bomb}`, good().replace('user-1', '&l9;'))],
    ['with an external entity', () => type('<!ENTITY x SYSTEM "file:///etc/passwd">', good().replace('user-1', '&x;'))],
    ['with an unknown entity', () => good().replace('user-1', '&x;')],
    ['with an instruction', () => good().replace('<samlp:Status>', '<?php x?><samlp:Status>')],
    ['with a second declaration', () => good().replace('<samlp:Status>', '<?xml version="1.0"?><samlp:Status>')],
    ['that end too early', () => good().slice(0, -20)],
    ['that go on', () => `${good()}<x/>`],
    ['with a zero', () => good().replace('user-1', 'user\0')],
    ['that are deep', () => good().replace('<samlp:Status>', `${'<x>'.repeat(70)}${'</x>'.repeat(70)}<samlp:Status>`)],
    ['that are broad', () => good().replace('<samlp:Status>', `${'<x/>'.repeat(6000)}<samlp:Status>`)],
    ['that are an assertion alone', () => sign(assertionXml({ now }), key)],
    ['of a response of SAML 1.1', () => good().replaceAll('SAML:2.0:protocol', 'SAML:1.0:protocol')],
    ['without an assertion', () => responseXml(''), onlyOne],
    [
      'whose assertion is encrypted',
      () => responseXml('<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
      invalid('Encrypted assertions are not supported here'),
    ],
    [
      'without a status',
      () => without(good(), 'samlp:Status'),
      [403, 'IDPRejectedClaim', expect.stringContaining('authentication failed')],
    ],
  ])('%s', async (_title, xml, verdict = badXml) => {
    expect(await judge(xml())).toEqual(verdict)
  })

  it('with comments in a text are read as they are signed: whole', async () => {
    const name = 'user@example.test<!-- -->.evil'
    const xml = good().replace('>user@example.test<', `>${name}<`)
    expect(await judge(xml)).toEqual(badSignature)
    const split = goodResponse(key, { now, attributes: { RoleSessionName: 'user@example.test.evil' } })
    expect((await judge(split.replace('test.evil', 'test<!-- -->.evil')))[0]).toBe(200)
    expect(sts.requests.at(-1)?.facts.sessionName).toBe('user@example.test.evil')
  })

  it('with an XML declaration are none the worse for it', async () => {
    expect((await judge(`<?xml version="1.0" encoding="UTF-8"?>${good()}`))[0]).toBe(200)
  })
})
