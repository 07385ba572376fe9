import { Failure } from '../../errors/index.ts'
import type { OutboundAnswer } from '../outbound.ts'
import { childrenOf, isElement, onlyChild, textOf } from './dom.ts'
import { NS } from './names.ts'
import { foreignWords, withOrigin } from './origin.ts'
import { elementsOf, type ParsedXml, parseXml } from './parseXml.ts'

/** A SOAP answer that is no fault. */
export type Envelope = { readonly parsed: ParsedXml; readonly header: Element | undefined; readonly body: Element }

/** What an answer is judged with: where it came from, and what must not come back in a message. */
export type Asked = { readonly endpoint: string; readonly secrets: readonly string[] }

/** A response of STS's largest size and what SOAP and WS-Trust add. */
const MOST = 200_000

/**
 * The SOAP envelope (1.1 or 1.2) of an answer. Throws Failure SamlLoginRefused, SamlEndpointFailed, SamlEndpointRefused,
 * SamlAnswerInvalid, and those of the XML.
 */
export function openEnvelope(answer: OutboundAnswer, asked: Asked): Envelope {
  const { status } = answer
  if (status === 401 || status === 403) throw refused(asked.endpoint, `HTTP ${status}`)
  const parsed = parseAnswer(answer, asked.endpoint)
  const version = [NS.soap11, NS.soap12].find((namespace) => isElement(parsed.root, namespace, 'Envelope'))
  const body = version === undefined ? undefined : onlyChild(parsed.root, version, 'Body')
  if (version === undefined || body === undefined) throw judgeStatus(status, asked.endpoint, 'no SOAP envelope')
  const fault = onlyChild(body, version, 'Fault')
  if (fault !== undefined) throw judgeFault(fault, asked)
  if (status !== 200) throw judgeStatus(status, asked.endpoint, 'an envelope')
  return { parsed, header: onlyChild(parsed.root, version, 'Header'), body }
}

function parseAnswer({ status, headers, body }: OutboundAnswer, endpoint: string): ParsedXml {
  const isPage = /html/i.test(headers['content-type'] ?? '') || /^\s*<(!doctype\s+)?html/i.test(body)
  if (isPage) throw judgeStatus(status, endpoint, 'a web page')
  if (!/^\uFEFF?\s*</.test(body)) throw judgeStatus(status, endpoint, 'no XML')
  try {
    return parseXml(body, { most: MOST, what: 'the answer' })
  } catch (thrown) {
    throw withOrigin(thrown, { from: endpoint })
  }
}

/** What is the only element of the body; undefined where it is another one. */
export function onlyPart({ body }: Envelope, namespace: string, name: string): Element | undefined {
  const [part, ...others] = childrenOf(body)
  return part !== undefined && others.length === 0 && isElement(part, namespace, name) ? part : undefined
}

export const invalidAnswer = (endpoint: string, problem: string): Failure =>
  new Failure({ code: 'SamlAnswerInvalid', message: `${endpoint} answers with ${problem}` })

const refused = (endpoint: string, how: string): Failure =>
  new Failure({ code: 'SamlLoginRefused', message: `${endpoint} does not accept the login (${how})` })

function judgeStatus(status: number, endpoint: string, what: string): Failure {
  const message = `${endpoint} answers with HTTP ${status} and ${what}`
  if (status >= 500 || status === 429) return new Failure({ code: 'SamlEndpointFailed', message })
  return new Failure({ code: status === 200 ? 'SamlAnswerInvalid' : 'SamlEndpointRefused', message })
}

/** WS-Trust 1.3, section 11, and WS-Security, section 12: codes that are about who asks. */
const ABOUT_LOGIN = /(^|:)(FailedAuthentication|FailedCheck|InvalidSecurityToken|InvalidSecurity)$/

/** SOAP 1.1, section 4.4, and SOAP 1.2, section 5.4: the parts of both have names of their own. */
function judgeFault(fault: Element, { endpoint, secrets }: Asked): Failure {
  const texts = (name: string): string[] =>
    elementsOf(fault)
      .filter((element) => element.localName === name)
      .map((element) => textOf(element) ?? '')
  const found = [...texts('faultcode'), ...texts('Value')]
  const reason = [...texts('faultstring'), ...texts('Text')].join(' ')
  const said = foreignWords(`${found.join(' ')} ${reason}`, secrets, 200)
  if (found.some((code) => ABOUT_LOGIN.test(code))) return refused(endpoint, said)
  return new Failure({ code: 'SamlEndpointRefused', message: `${endpoint} refuses the request: ${said}` })
}
