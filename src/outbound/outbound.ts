import type { IncomingMessage } from 'node:http'
import { type Agent, request as httpsRequest } from 'node:https'
import type { Instant, Milliseconds } from '../credentials/index.ts'
import { Failure } from '../errors/index.ts'
import type { Outbound, OutboundAnswer, OutboundRequest } from '../federation/index.ts'
import { type AgentOptions, prepareAgents } from './agent.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { answerInvalid, explain, redirected } from './explain.ts'
import { readText } from './readText.ts'

export type OutboundOptions = AgentOptions & {
  /** Until the connection stands, TLS and proxy included. */
  readonly connectTimeout: Milliseconds
  /** Until the whole answer is here. */
  readonly totalTimeout: Milliseconds
  /** Of an answer's body. */
  readonly maxBytes: number
  readonly now: () => Instant
  /** Lanyard's own, for the user agent. */
  readonly version?: string | undefined
}

/**
 * HTTP by `node:https` to the addresses that the operator configured: TLS 1.2 at least and always verified, one connection a
 * request, nothing from the environment, no redirect followed, no cookie kept. Throws Failure SettingInvalid for an authority
 * or a proxy that cannot be used; its calls throw as the port says.
 */
export function createOutbound(options: OutboundOptions): Outbound {
  const openAgent = prepareAgents(options)
  const { connectTimeout, totalTimeout } = options
  return async (request, signal) => {
    const url = checkUrl(request.url)
    const place = `${url.origin}${url.pathname}`
    const agent = openAgent()
    const deadline = startDeadline(connectTimeout, totalTimeout, signal)
    try {
      const response = await send(request, url, { ...options, agent, deadline })
      return await toAnswer(response, place, options)
    } catch (thrown) {
      throw explain(thrown, { place, ended: deadline.ended(), connectTimeout, totalTimeout })
    } finally {
      deadline.stop()
      agent.destroy()
    }
  }
}

/** Also an address that a discovery document names must be one that a secret can be sent to. */
function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url
  const what = url === undefined ? 'no URL' : 'no https URL without user and password'
  throw new Failure({ code: 'ProviderAddressInvalid', message: `an address of the identity provider is ${what}` })
}

type Sending = OutboundOptions & { readonly agent: Agent; readonly deadline: Deadline }

function send(request: OutboundRequest, url: URL, sending: Sending): Promise<IncomingMessage> {
  const { agent, deadline, version } = sending
  const { method, body, headers } = request
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, {
      method,
      agent,
      signal: deadline.signal,
      headers: {
        'user-agent': version === undefined ? 'lanyard' : `lanyard/${version}`,
        'accept-encoding': 'identity',
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
    })
    // TLS lets nothing through before the handshake is over.
    outgoing.once('finish', deadline.connected)
    outgoing.once('response', resolve)
    outgoing.on('error', reject)
    // While a proxy makes its connection, nothing else ends the request.
    deadline.signal.addEventListener('abort', reject, { once: true })
    outgoing.end(body)
  })
}

async function toAnswer(
  response: IncomingMessage,
  place: string,
  { maxBytes, now }: OutboundOptions,
): Promise<OutboundAnswer> {
  const localTime = now()
  const status = response.statusCode ?? 0
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  )
  if (status >= 300 && status < 400) throw redirected(place, status, headers['location'])
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw answerInvalid(place, 'has a content encoding that was not asked for')
  return { status, headers, body: await readText(response, place, maxBytes), localTime }
}
