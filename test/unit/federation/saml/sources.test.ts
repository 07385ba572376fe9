import { describe, expect, it } from 'vitest'
import type { Code } from '../../../../src/errors/index.ts'
import type { Outbound, OutboundRequest } from '../../../../src/federation/index.ts'
import {
  checkResponse,
  type Expected,
  ecpSource,
  fileSource,
  type ResponseSource,
  readMetadata,
  wsTrustSource,
} from '../../../../src/federation/saml/index.ts'
import { type Answered, createSamlIdp, type SamlIdp } from '../../../support/samlIdp.ts'
import { type Style, styles } from '../../../support/samlXml.ts'
import { failureOf, never, noon } from '../support.ts'
import { entityId, expected, principalArn, recipient, roleArn, serviceProvider, signer } from './support.ts'

const password = 'c4n4ry-password & <more>'
const files = new Map([
  ['/secret/username', 'web@example.com\n'],
  ['/secret/password', `${password}\n`],
])
type Setup = {
  readonly idp: SamlIdp
  readonly source: ResponseSource
  readonly sent: OutboundRequest[]
  readonly expected: Expected
}

function setUp(kind: 'ecp' | 'ws-trust', style: Style = styles.okta, read = files): Setup {
  const users = { 'web@example.com': password }
  const idp = createSamlIdp({ entityId, signer, now: () => noon, users, roles: [[roleArn, principalArn]], style })
  const sent: OutboundRequest[] = []
  const outbound: Outbound = async (request) => {
    sent.push(request)
    const answer = idp.answer(new URL(request.url).pathname, {
      headers: request.headers ?? {},
      body: request.body ?? '',
    })
    return { ...answer, localTime: noon }
  }
  let count = 0
  const parts = {
    read: async (path: string) => {
      const content = read.get(path)
      if (content === undefined) throw Object.assign(new Error(`c4n4ry ${path}`), { code: 'ENOENT' })
      return content
    },
    now: () => noon,
    randomId: () => String(count++).padStart(32, '0'),
  }
  const where = { serviceProvider, recipient, usernameFile: '/secret/username', passwordFile: '/secret/password' }
  const source =
    kind === 'ecp'
      ? ecpSource({ ...where, endpoint: 'https://idp.example.com/ecp' }, outbound, parts)
      : wsTrustSource({ ...where, endpoint: 'https://idp.example.com/usernamemixed' }, outbound, parts)
  return { idp, source, sent, expected: { ...expected, trusted: readMetadata(idp.metadata) } }
}

const codeOf = async (source: ResponseSource): Promise<Code> => {
  const failure = await failureOf(source(never))
  expect(failure.message).not.toMatch(/c4n4ry/)
  return failure.code
}

describe.each(Object.entries(styles))('of an identity provider like %s', (_, style) => {
  it.each(['ecp', 'ws-trust'] as const)('an assertion by %s is good', async (kind) => {
    const { source, expected: wanted } = setUp(kind, style)
    const { xml, inResponseTo, from } = await source(never)
    expect(checkResponse(xml, wanted, noon, inResponseTo).sessionName).toBe('web@example.com')
    expect(from).toBe(`https://idp.example.com/${kind === 'ecp' ? 'ecp' : 'usernamemixed'}`)
  })
})

describe('ecp', () => {
  it('asks as a service provider, and says by Basic who it is', async () => {
    const { source, sent } = setUp('ecp')
    await source(never)
    await source(never)
    const [first, second] = sent
    expect(first?.headers?.['authorization']).toBe(
      `Basic ${Buffer.from(`web@example.com:${password}`).toString('base64')}`,
    )
    expect(first?.body).toContain(`AssertionConsumerServiceURL="${recipient}"`)
    expect(first?.body).toContain(`>${serviceProvider}</saml:Issuer>`)
    expect(first?.body).toContain('ID="_00000000000000000000000000000000"')
    expect(second?.body).toContain('ID="_00000000000000000000000000000001"')
    expect(first?.body).not.toContain('c4n4ry')
  })

  const spoilt: readonly (readonly [string, Code, (answer: Answered) => Answered])[] = [
    [
      'another recipient',
      'SamlAnswerForAnother',
      replaced(
        `AssertionConsumerServiceURL="${recipient}"`,
        'AssertionConsumerServiceURL="https://attacker.example.com"',
      ),
    ],
    ['no recipient', 'SamlAnswerForAnother', replaced(`AssertionConsumerServiceURL="${recipient}"`, '')],
    [
      'a RelayState',
      'SamlAnswerForAnother',
      replaced(
        '</S:Header>',
        '<ecp:RelayState xmlns:ecp="urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp">x</ecp:RelayState></S:Header>',
      ),
    ],
    ['no header', 'SamlAnswerInvalid', replaced(/<S:Header>.*<\/S:Header>/, '')],
    ['an empty header', 'SamlAnswerInvalid', replaced(/<S:Header>.*<\/S:Header>/, '<S:Header/>')],
    ['two headers of ECP', 'SamlAnswerInvalid', replaced(/(<ecp:Response [^>]*>)/, '$1$1')],
    ['no body', 'SamlAnswerInvalid', replaced(/<S:Body>.*<\/S:Body>/, '')],
    ['nothing in the body', 'SamlAnswerInvalid', replaced(/<S:Body>.*<\/S:Body>/, '<S:Body/>')],
    ['two responses', 'SamlAnswerInvalid', replaced('</S:Body>', '<x/></S:Body>')],
    [
      'a web page',
      'SamlAnswerInvalid',
      () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>c4n4ry</html>' }),
    ],
    [
      'a web page that is said to be XML',
      'SamlAnswerInvalid',
      () => ({ status: 200, headers: {}, body: '<!DOCTYPE html><html>' }),
    ],
    ['JSON', 'SamlAnswerInvalid', () => ({ status: 200, headers: {}, body: '{}' })],
    ['nothing', 'SamlAnswerInvalid', () => ({ status: 200, headers: {}, body: '' })],
    ['other XML', 'SamlAnswerInvalid', () => ({ status: 200, headers: {}, body: '<x/>' })],
    [
      'a document type',
      'SamlXmlForbidden',
      (answer) => ({ ...answer, body: `<!DOCTYPE x>${answer.body.replace(/<\?.*\?>/, '')}` }),
    ],
    ['too much', 'SamlTooLarge', (answer) => ({ ...answer, body: answer.body + ' '.repeat(200_000) })],
    [
      'a fault of the server',
      'SamlEndpointFailed',
      () => ({ status: 503, headers: { 'content-type': 'text/html' }, body: '' }),
    ],
    ['too many requests', 'SamlEndpointFailed', () => ({ status: 429, headers: {}, body: 'slow down' })],
    ['an envelope and a status that is none', 'SamlEndpointFailed', (answer) => ({ ...answer, status: 500 })],
    ['not found', 'SamlEndpointRefused', () => ({ status: 404, headers: {}, body: 'not found' })],
    [
      'a fault of SOAP 1.1',
      'SamlEndpointRefused',
      () => ({ status: 500, headers: {}, body: soap11Fault('S:Client', `no ${password}`) }),
    ],
    ['forbidden', 'SamlLoginRefused', () => ({ status: 403, headers: {}, body: '' })],
    [
      'a fault about the login',
      'SamlLoginRefused',
      () => ({ status: 500, headers: {}, body: soap11Fault('wsse:FailedAuthentication', '') }),
    ],
  ]

  it.each(spoilt)('answered with %s: %s', async (_, code, change) => {
    const { idp, source } = setUp('ecp')
    idp.spoil(change)
    expect(await codeOf(source)).toBe(code)
  })

  it('hides a short password and the header, whoever quotes them', async () => {
    const { idp, source } = setUp('ecp', styles.okta, new Map([...files, ['/secret/password', 'pw7']]))
    const header = Buffer.from('web@example.com:pw7').toString('base64')
    idp.spoil(() => ({ status: 500, headers: {}, body: soap11Fault('S:Server', `no pw7 and ${header}`) }))
    expect((await failureOf(source(never))).message).toContain('S:Server no [redacted] and [redacted]')
    idp.spoil(undefined)
  })

  it('SamlLoginRefused: another password', async () => {
    expect(
      await codeOf(setUp('ecp', styles.okta, new Map([...files, ['/secret/password', 'c4n4ry-other']])).source),
    ).toBe('SamlLoginRefused')
  })
})

describe('ws-trust', () => {
  const spoilt: readonly (readonly [string, Code, (answer: Answered) => Answered])[] = [
    [
      'the answer to another message',
      'SamlAnswerForAnother',
      replaced(/<a:RelatesTo>[^<]*/, '<a:RelatesTo>urn:uuid:other'),
    ],
    ['no token', 'SamlAnswerInvalid', replaced(/<trust:RequestedSecurityToken>.*<\/trust:RequestedSecurityToken>/, '')],
    [
      'two tokens',
      'SamlAnswerInvalid',
      replaced('</trust:RequestedSecurityToken>', '<x/></trust:RequestedSecurityToken>'),
    ],
    [
      'a token of SAML 1.1',
      'SamlAnswerInvalid',
      replaced(/urn:oasis:names:tc:SAML:2.0:assertion/g, 'urn:oasis:names:tc:SAML:1.0:assertion'),
    ],
    [
      'an encrypted token',
      'SamlEncrypted',
      replaced(
        /<trust:RequestedSecurityToken>.*<\/trust:RequestedSecurityToken>/,
        '<trust:RequestedSecurityToken><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"/></trust:RequestedSecurityToken>',
      ),
    ],
    [
      'an encrypted assertion',
      'SamlEncrypted',
      replaced(
        /<trust:RequestedSecurityToken>.*<\/trust:RequestedSecurityToken>/,
        '<trust:RequestedSecurityToken><EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/></trust:RequestedSecurityToken>',
      ),
    ],
  ]

  it.each(spoilt)('answered with %s: %s', async (_, code, change) => {
    const { idp, source } = setUp('ws-trust', styles.adfs)
    idp.spoil(change)
    expect(await codeOf(source)).toBe(code)
  })

  it('takes an answer without a header and without a collection', async () => {
    const { idp, source, expected: wanted } = setUp('ws-trust', styles.adfs)
    idp.spoil((answer) => ({
      ...answer,
      body: answer.body
        .replace(/<s:Header>.*<\/s:Header>/, '')
        .replace('<trust:RequestSecurityTokenResponseCollection', '<trust:RequestSecurityTokenResponse')
        .replace('<trust:RequestSecurityTokenResponse>', '')
        .replace('</trust:RequestSecurityTokenResponse>', '')
        .replace('ResponseCollection>', 'Response>'),
    }))
    expect(checkResponse((await source(never)).xml, wanted, noon).issuer).toBe(entityId)
  })

  it('SamlLoginRefused, in the words of the identity provider and without the password', async () => {
    const { source } = setUp('ws-trust', styles.adfs, new Map([...files, ['/secret/password', 'c4n4ry-other']]))
    const failure = await failureOf(source(never))
    expect(failure.code).toBe('SamlLoginRefused')
    expect(failure.message).toContain('a:FailedAuthentication The security token could not be authenticated')
    expect(failure.message).not.toContain('c4n4ry')
  })
})

describe('the login', () => {
  it.each([
    ['no user name', new Map([['/secret/password', 'x']])],
    ['no password', new Map([['/secret/username', 'x']])],
    ['an empty password', new Map([...files, ['/secret/password', '\n']])],
    ['a password of two lines', new Map([...files, ['/secret/password', 'c4n4ry\nc4n4ry']])],
    ['a password that is too long', new Map([...files, ['/secret/password', 'c4n4ry'.repeat(200)]])],
    ['a user name with a colon', new Map([...files, ['/secret/username', 'c4n4ry:x']])],
  ])('%s: SamlLoginMissing', async (_, read) => {
    const { source, sent } = setUp('ecp', styles.okta, read)
    expect(await codeOf(source)).toBe('SamlLoginMissing')
    expect(sent).toHaveLength(0)
  })

  it('is read anew for each attempt', async () => {
    const read = new Map([...files, ['/secret/password', 'old']])
    const { source } = setUp('ecp', styles.okta, read)
    expect(await codeOf(source)).toBe('SamlLoginRefused')
    read.set('/secret/password', password)
    expect((await source(never)).xml).toContain('Response')
  })
})

describe('file', () => {
  const { idp } = setUp('ecp')
  const response = idp.respond('web@example.com')
  const base64 = Buffer.from(response).toString('base64')
  const read = (content: string) => fileSource('/identity/assertion', { read: async () => content })

  it.each([
    ['base64', base64],
    ['base64 in lines', base64.replace(/(.{76})/g, '$1\r\n')],
    ['XML', `\n${response}\n`],
    ['XML with a byte order mark', `\uFEFF${response}`],
  ])('takes %s', async (_, content) => {
    const found = await read(content)(never)
    expect(checkResponse(found.xml, expected, noon).sessionName).toBe('web@example.com')
    expect(found).toMatchObject({ from: '/identity/assertion', isFile: true })
  })

  it.each<[string, Code, string]>([
    ['nothing', 'SamlFileEmpty', '\n'],
    ['too much', 'SamlTooLarge', 'c4n4ry'.repeat(20_000)],
    ['URL encoding', 'SamlNotText', `c4n4ry${encodeURIComponent('+/=')}`],
    ['half of base64', 'SamlNotText', 'c4n4r'],
    ['base64 of UTF-16', 'SamlNotText', Buffer.from(`\ufeff${response}`, 'utf16le').toString('base64')],
  ])('refuses %s: %s', async (_, code, content) => {
    expect(await codeOf(read(content))).toBe(code)
  })

  const thrown = (error: unknown) => fileSource('/identity/assertion', { read: () => Promise.reject(error) })
  it.each<[Code, unknown]>([
    ['SamlFileMissing', Object.assign(new Error('c4n4ry'), { code: 'ENOENT' })],
    ['SamlFileMissing', Object.assign(new Error('c4n4ry'), { code: 'ENOTDIR' })],
    ['SamlFileUnreadable', Object.assign(new Error('c4n4ry'), { code: 'EACCES' })],
    ['SamlFileUnreadable', new Error('c4n4ry')],
    ['SamlFileUnreadable', 'c4n4ry'],
  ])('%s: %s', async (code, error) => {
    expect(await codeOf(thrown(error))).toBe(code)
  })

  it('is not waited for longer than the attempt lasts', async () => {
    const hanging = fileSource('/identity/assertion', { read: () => new Promise(() => {}) })
    const ended = new AbortController()
    const attempt = failureOf(hanging(ended.signal))
    ended.abort()
    expect((await attempt).message).toContain('no answer in time')
    expect((await failureOf(hanging(AbortSignal.abort()))).code).toBe('SamlFileUnreadable')
  })
})

function replaced(what: string | RegExp, by: string): (answer: Answered) => Answered {
  return (answer) => {
    const body = answer.body.replace(what, by)
    if (body === answer.body) throw new Error(`nothing to replace: ${what}`)
    return { ...answer, body }
  }
}

function soap11Fault(code: string, text: string): string {
  const safe = text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  return `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault><faultcode>${code}</faultcode><faultstring>${safe}</faultstring></S:Fault></S:Body></S:Envelope>`
}
