import { Failure } from '../../errors/index.ts'
import type { Outbound, OutboundRequest } from '../outbound.ts'
import { childrenOf, cutOut, escapeXml, isElement, onlyChild, textOf } from './dom.ts'
import type { LoginSourceOptions } from './ecp.ts'
import { type Envelope, invalidAnswer, openEnvelope } from './envelope.ts'
import { withLogin } from './login.ts'
import type { Login } from './logins.ts'
import { NS, SAML_TOKEN } from './names.ts'
import { issuerOf } from './readResponse.ts'
import type { ResponseSource, SourceParts } from './source.ts'
import { wrapAssertion } from './wrapAssertion.ts'

const MINUTE = 60_000
const ISSUE = `${NS.trust}/RST/Issue`
const PASSWORD_TEXT = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText'

/**
 * Assertions by WS-Trust 1.3 (section 4.1, Issuance) with a user name and a password in the message and TLS around it, which AD FS
 * calls `usernamemixed`. A security token service knows of no browser, so what it gives is a bare assertion: it is wrapped into
 * the response that STS wants. Throws Failure: the login's, the network's, the answer's.
 */
export function wsTrustSource(options: LoginSourceOptions, outbound: Outbound, parts: SourceParts): ResponseSource {
  const { endpoint, recipient } = options
  return (signal) =>
    withLogin(options, parts, signal, async (login) => {
      const messageId = `urn:uuid:${toUuid(parts.randomId())}`
      const now = parts.now()
      const answer = await outbound(toRequest(options, messageId, now, login), signal)
      const secrets = [login.password]
      const envelope = openEnvelope(answer, { endpoint, secrets })
      checkRelation(envelope, messageId, endpoint)
      const assertion = findAssertion(envelope, endpoint)
      const wrapped = { assertion: cutOut(envelope.parsed, assertion), issuer: issuerOf(assertion) ?? '' }
      return { xml: wrapAssertion({ ...wrapped, recipient, id: `_${parts.randomId()}`, now }), from: endpoint, secrets }
    })
}

/** RFC 9562, section 4: the form of it; AD FS reads no other. */
const toUuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')

function toRequest(options: LoginSourceOptions, messageId: string, now: number, login: Login): OutboundRequest {
  const { endpoint } = options
  const body =
    `<s:Envelope xmlns:s="${NS.soap12}" xmlns:a="${NS.addressing}" xmlns:u="${NS.utility}"><s:Header>` +
    `<a:Action s:mustUnderstand="1">${ISSUE}</a:Action><a:MessageID>${messageId}</a:MessageID>` +
    `<a:ReplyTo><a:Address>${NS.addressing}/anonymous</a:Address></a:ReplyTo>` +
    `<a:To s:mustUnderstand="1">${escapeXml(endpoint)}</a:To>${security(now, login)}</s:Header>` +
    `<s:Body>${tokenRequest(options.serviceProvider)}</s:Body></s:Envelope>`
  return { method: 'POST', url: endpoint, headers: { 'content-type': 'application/soap+xml; charset=utf-8' }, body }
}

function security(now: number, { username, password }: Login): string {
  const [created, expires] = [now, now + 5 * MINUTE].map((instant) => new Date(instant).toISOString())
  return (
    `<o:Security s:mustUnderstand="1" xmlns:o="${NS.security}">` +
    `<u:Timestamp u:Id="_0"><u:Created>${created}</u:Created><u:Expires>${expires}</u:Expires></u:Timestamp>` +
    `<o:UsernameToken u:Id="_1"><o:Username>${escapeXml(username)}</o:Username>` +
    `<o:Password Type="${PASSWORD_TEXT}">${escapeXml(password)}</o:Password></o:UsernameToken></o:Security>`
  )
}

const tokenRequest = (serviceProvider: string): string =>
  `<t:RequestSecurityToken xmlns:t="${NS.trust}"><p:AppliesTo xmlns:p="${NS.policy}"><a:EndpointReference>` +
  `<a:Address>${escapeXml(serviceProvider)}</a:Address></a:EndpointReference></p:AppliesTo>` +
  `<t:KeyType>${NS.trust}/Bearer</t:KeyType><t:RequestType>${NS.trust}/Issue</t:RequestType>` +
  `<t:TokenType>${SAML_TOKEN}</t:TokenType></t:RequestSecurityToken>`

/** WS-Addressing 1.0 core, section 3.4: an answer says which message it answers. */
function checkRelation({ header }: Envelope, messageId: string, endpoint: string): void {
  const relation =
    header === undefined ? [] : childrenOf(header).filter((each) => isElement(each, NS.addressing, 'RelatesTo'))
  if (relation.every((each) => textOf(each) === messageId)) return
  throw new Failure({
    code: 'SamlAnswerForAnother',
    message: `the answer of ${endpoint} is to another message than ours`,
  })
}

/** WS-Trust 1.3, section 4.4: one token in one response, in a collection as the final answer, or bare. */
function findAssertion({ body }: Envelope, endpoint: string): Element {
  const collection = onlyChild(body, NS.trust, 'RequestSecurityTokenResponseCollection') ?? body
  const response = onlyChild(collection, NS.trust, 'RequestSecurityTokenResponse')
  const token = onlyChild(response, NS.trust, 'RequestedSecurityToken')
  const [assertion, ...others] = token === undefined ? [] : childrenOf(token)
  if (assertion?.localName === 'EncryptedAssertion' || assertion?.localName === 'EncryptedData') {
    throw new Failure({ code: 'SamlEncrypted', message: `${endpoint} encrypts its assertions` })
  }
  if (assertion !== undefined && others.length === 0 && isElement(assertion, NS.assertion, 'Assertion'))
    return assertion
  throw invalidAnswer(endpoint, 'an envelope without exactly one assertion of SAML 2.0')
}
