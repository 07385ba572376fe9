/** A SAML 2.0 identity provider with an ECP and a WS-Trust 1.3 endpoint, for tests: it looks at what it is asked. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { DOMParser } from '@xmldom/xmldom'
import type { ServerIdentity } from '../../src/testbed/httpsServer.ts'
import { listenHttps } from '../../src/testbed/httpsServer.ts'
import {
  buildAssertion,
  escapeText,
  metadataOf,
  type ResponseFields,
  type Signer,
  type Style,
  signedResponse,
  signXml,
  styles,
} from './samlXml.ts'

export type SamlIdpOptions = {
  readonly entityId: string
  readonly signer: Signer
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>
  /** The one service provider that it knows. */
  readonly serviceProvider?: string
  readonly recipient?: string
  readonly roles: readonly (readonly [role: string, provider: string])[]
  readonly style?: Style
  /** What assertions say; the user's name, if not set. */
  readonly sessionName?: (user: string) => string
}

/** A request as it is judged, and its answer. */
export type Asked = { readonly headers: Readonly<Record<string, string>>; readonly body: string }
export type Answered = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type SamlIdp = {
  readonly metadata: string
  /** By path: `/ecp` and `/usernamemixed`. */
  readonly answer: (path: string, asked: Asked) => Answered
  /** What a browser would post, XML: as if somebody had signed in. */
  readonly respond: (user: string, change?: Partial<ResponseFields>) => string
  /** Changes every answer from now on. */
  readonly spoil: (change: ((answer: Answered) => Answered) | undefined) => void
  /** Every request, oldest first. */
  readonly requests: readonly (Asked & { readonly path: string })[]
}

const SOAP11 = 'http://schemas.xmlsoap.org/soap/envelope/'
const SOAP12 = 'http://www.w3.org/2003/05/soap-envelope'
const TRUST = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512'
const ECP = 'urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp'

export function createSamlIdp(options: SamlIdpOptions): SamlIdp {
  const requests: (Asked & { path: string })[] = []
  let change: ((answer: Answered) => Answered) | undefined
  const respond = (user: string, fields: Partial<ResponseFields> = {}): string =>
    signedResponse({ ...fieldsOf(options, user), ...fields }, options.signer)
  return {
    metadata: metadataOf(options.entityId, [options.signer]),
    respond,
    requests,
    spoil: (next) => {
      change = next
    },
    answer: (path, asked) => {
      requests.push({ ...asked, path })
      const answer = path === '/ecp' ? answerEcp(options, asked, respond) : answerTrust(options, asked)
      return change === undefined ? answer : change(answer)
    },
  }
}

const partsOf = ({ serviceProvider, recipient }: SamlIdpOptions) => ({
  serviceProvider: serviceProvider ?? 'urn:amazon:webservices',
  recipient: recipient ?? 'https://signin.aws.amazon.com/saml',
})

function fieldsOf(options: SamlIdpOptions, user: string): ResponseFields {
  const { entityId, now, roles, style = styles.okta } = options
  const { serviceProvider, recipient } = partsOf(options)
  const sessionName = options.sessionName?.(user) ?? user
  return {
    now: now(),
    issuer: entityId,
    audiences: [serviceProvider],
    recipient,
    roles,
    sessionName,
    nameId: user,
    style,
  }
}

const xml = (status: number, body: string, type = 'text/xml'): Answered => ({
  status,
  headers: { 'content-type': `${type}; charset=utf-8` },
  body,
})

/** The first element of that name, whatever its namespace. */
const find = (document: Document, name: string): Element | undefined => document.getElementsByTagNameNS('*', name)[0]

/** SAML 2.0 profiles, section 4.2: who asks, says so by HTTP Basic. */
function answerEcp(options: SamlIdpOptions, { headers, body }: Asked, respond: SamlIdp['respond']): Answered {
  const [, basic = ''] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? []
  const login = Buffer.from(basic, 'base64').toString('utf8')
  const user = login.slice(0, login.indexOf(':'))
  if (options.users[user] !== login.slice(user.length + 1)) {
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="idp"' }, body: 'no' }
  }
  const document = new DOMParser().parseFromString(body, 'text/xml')
  const request = find(document, 'AuthnRequest')
  const { serviceProvider, recipient } = partsOf(options)
  const issuer = request === undefined ? undefined : find(document, 'Issuer')?.textContent
  const binding = request?.getAttribute('ProtocolBinding')
  if (request?.getAttribute('AssertionConsumerServiceURL') !== recipient || issuer !== serviceProvider) {
    return xml(
      500,
      `<S:Envelope xmlns:S="${SOAP11}"><S:Body><S:Fault><faultcode>S:Client</faultcode><faultstring>unknown service provider</faultstring></S:Fault></S:Body></S:Envelope>`,
    )
  }
  if (binding !== 'urn:oasis:names:tc:SAML:2.0:bindings:PAOS') return xml(400, '')
  const response = respond(user, { inResponseTo: request.getAttribute('ID') ?? '' })
  return xml(
    200,
    `<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="${SOAP11}"><S:Header>` +
      `<ecp:Response xmlns:ecp="${ECP}" S:mustUnderstand="1" S:actor="http://schemas.xmlsoap.org/soap/actor/next" AssertionConsumerServiceURL="${escapeText(recipient)}"/>` +
      `</S:Header><S:Body>${response}</S:Body></S:Envelope>`,
  )
}

/** WS-Trust 1.3 with a user name token, as AD FS answers. */
function answerTrust(options: SamlIdpOptions, { body }: Asked): Answered {
  const document = new DOMParser().parseFromString(body, 'text/xml')
  const text = (name: string): string => find(document, name)?.textContent ?? ''
  const user = text('Username')
  if (options.users[user] === undefined || options.users[user] !== text('Password')) {
    return fault('FailedAuthentication', 'The security token could not be authenticated or authorized.')
  }
  const { serviceProvider } = partsOf(options)
  const appliesTo = (find(document, 'AppliesTo')?.textContent ?? '').trim()
  const isBearer = text('KeyType').endsWith('/Bearer') && text('RequestType').endsWith('/Issue')
  const isSaml2 = text('TokenType').endsWith('#SAMLV2.0')
  if (appliesTo !== serviceProvider || !isBearer || !isSaml2) {
    return fault('InvalidScope', 'The relying party is not known.')
  }
  const style = { ...(options.style ?? styles.adfs), signs: ['assertion'] } as const
  const assertion = signXml(buildAssertion({ ...fieldsOf(options, user), style }), options.signer)
  return xml(200, trustAnswer(text('MessageID'), assertion), 'application/soap+xml')
}

const trustAnswer = (messageId: string, assertion: string): string =>
  `<s:Envelope xmlns:s="${SOAP12}" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>` +
  `<a:Action s:mustUnderstand="1">${TRUST}/RSTRC/IssueFinal</a:Action><a:RelatesTo>${messageId}</a:RelatesTo></s:Header>` +
  `<s:Body><trust:RequestSecurityTokenResponseCollection xmlns:trust="${TRUST}"><trust:RequestSecurityTokenResponse>` +
  `<trust:RequestedSecurityToken>${assertion}</trust:RequestedSecurityToken></trust:RequestSecurityTokenResponse>` +
  '</trust:RequestSecurityTokenResponseCollection></s:Body></s:Envelope>'

const fault = (code: string, reason: string): Answered =>
  xml(
    500,
    `<s:Envelope xmlns:s="${SOAP12}"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value xmlns:a="${TRUST}">a:${code}</s:Value></s:Subcode></s:Code>` +
      `<s:Reason><s:Text xml:lang="en-US">${reason}</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`,
    'application/soap+xml',
  )

export type RunningIdp = SamlIdp & { readonly url: string; readonly stop: () => Promise<void> }

/** The same over https. */
export async function startSamlIdp(
  options: SamlIdpOptions & ServerIdentity & { readonly host?: string; readonly port?: number },
): Promise<RunningIdp> {
  const idp = createSamlIdp(options)
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (message.url === '/healthz') return void response.writeHead(200).end('ok')
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]))
    const {
      status,
      headers: sent,
      body,
    } = idp.answer(message.url ?? '/', { headers, body: Buffer.concat(chunks).toString('utf8') })
    response.writeHead(status, sent).end(body)
  }
  const { host = '127.0.0.1', port = 0 } = options
  const { url, stop } = await listenHttps(
    { ...options, host, port },
    (message, response) => void handle(message, response),
  )
  return { ...idp, url, stop }
}
