import { Failure } from '../../errors/index.ts'
import type { Outbound, OutboundRequest } from '../outbound.ts'
import { attributeOf, childrenNamed, childrenOf, cutOut, escapeXml } from './dom.ts'
import { type Envelope, invalidAnswer, onlyPart, openEnvelope } from './envelope.ts'
import { type LoginFiles, withLogin } from './login.ts'
import type { Login } from './logins.ts'
import { NS, PAOS_BINDING } from './names.ts'
import type { ResponseSource, SourceParts } from './source.ts'
import type { Addressee } from './subject.ts'

/** An identity provider that is asked with a login. */
export type LoginSourceOptions = Addressee & LoginFiles & { readonly endpoint: string }

/**
 * Assertions by the Enhanced Client or Proxy profile (SAML 2.0 profiles, section 4.2): we are both the service provider that
 * wants to know who somebody is, and the client that is somebody; the login goes along by HTTP Basic (RFC 7617). Throws
 * Failure: the login's, the network's, the answer's.
 */
export function ecpSource(options: LoginSourceOptions, outbound: Outbound, parts: SourceParts): ResponseSource {
  const { endpoint } = options
  return (signal) =>
    withLogin(options, parts, signal, async (login) => {
      const id = `_${parts.randomId()}`
      const authorization = basic(login)
      const secrets = [authorization.slice('Basic '.length), login.password]
      const request = { id, issued: new Date(parts.now()).toISOString() }
      const answer = await outbound(toRequest(options, request, authorization), signal)
      const envelope = openEnvelope(answer, { endpoint, secrets })
      checkHeader(envelope, options)
      const response = onlyPart(envelope, NS.protocol, 'Response')
      if (response === undefined) throw invalidAnswer(endpoint, 'an envelope without a response of SAML')
      return { xml: cutOut(envelope.parsed, response), from: endpoint, inResponseTo: id, secrets }
    })
}

type AuthnRequest = { readonly id: string; readonly issued: string }

function toRequest(options: LoginSourceOptions, { id, issued }: AuthnRequest, authorization: string): OutboundRequest {
  const { endpoint, serviceProvider, recipient } = options
  const body =
    `<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="${NS.soap11}"><S:Body>` +
    `<samlp:AuthnRequest xmlns:samlp="${NS.protocol}" ID="${id}" Version="2.0" IssueInstant="${issued}"` +
    ` Destination="${escapeXml(endpoint)}" AssertionConsumerServiceURL="${escapeXml(recipient)}" ProtocolBinding="${PAOS_BINDING}">` +
    `<saml:Issuer xmlns:saml="${NS.assertion}">${escapeXml(serviceProvider)}</saml:Issuer>` +
    '</samlp:AuthnRequest></S:Body></S:Envelope>'
  const headers = {
    authorization,
    'content-type': 'text/xml; charset=utf-8',
    accept: 'text/xml, application/vnd.paos+xml',
    soapaction: '"http://www.oasis-open.org/committees/security"',
  }
  return { method: 'POST', url: endpoint, headers, body }
}

/** Behind the first colon begins the password, so the name must not hold one. */
function basic({ username, password }: Login): string {
  if (username.includes(':')) {
    throw new Failure({
      code: 'SamlLoginMissing',
      message: 'the user name holds a colon, which HTTP Basic cannot send',
    })
  }
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/**
 * What an honest client would compare before it hands the response on (section 4.2.4.5): the identity provider's idea of
 * where it belongs. We have sent no RelayState, so none can come back.
 */
function checkHeader({ header }: Envelope, { endpoint, recipient }: LoginSourceOptions): void {
  const blocks = header === undefined ? [] : childrenNamed(header, NS.ecp, 'Response')
  const [block, ...others] = blocks
  if (header === undefined || block === undefined || others.length > 0) {
    throw invalidAnswer(endpoint, 'an envelope without exactly one ecp:Response in its header')
  }
  if (attributeOf(block, 'AssertionConsumerServiceURL') !== recipient) {
    throw new Failure({
      code: 'SamlAnswerForAnother',
      message: `the answer of ${endpoint} is for another recipient than ${recipient}`,
    })
  }
  if (childrenOf(header).some(({ localName }) => localName === 'RelayState')) {
    throw new Failure({
      code: 'SamlAnswerForAnother',
      message: `the answer of ${endpoint} has a RelayState, and none was sent`,
    })
  }
}
