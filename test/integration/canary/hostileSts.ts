import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { CertificateAuthority } from '../../../src/testbed/index.ts'

/** What came with a request, and credentials that nobody else may see. */
export type Exchange = {
  readonly token: string
  readonly body: string
  readonly secretKey: string
  readonly sessionToken: string
}
type Reply = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}
export type Prank = readonly [name: string, reply: (exchange: Exchange) => Reply]

const namespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
const escaped = (text: string): string => text.replace(/[&<>]/g, (each) => `&#${each.charCodeAt(0)};`)
const error = (code: string, message: string, id = 'r-1'): string =>
  `<ErrorResponse ${namespace}><Error><Type>Sender</Type><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error><RequestId>${escaped(id)}</RequestId></ErrorResponse>`

type Fields = { readonly expiration?: string; readonly arn?: string; readonly accessKeyId?: string }

const success = ({ secretKey, sessionToken }: Exchange, fields: Fields = {}): string => {
  const {
    expiration = new Date(Date.now() + 3_600_000).toISOString(),
    arn = 'arn:aws:sts::111122223333:assumed-role/web/shop.web.web-0',
    accessKeyId = 'ASIAQQQQQQQQQQQQQQQQ',
  } = fields
  return `<AssumeRoleWithWebIdentityResponse ${namespace}><AssumeRoleWithWebIdentityResult><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>${escaped(arn)}</Arn></AssumedRoleUser><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${escaped(expiration)}</Expiration></Credentials></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>`
}

/** How a server, or what stands before it, could try to get secrets into a log: by quoting them. */
export const pranks: readonly Prank[] = [
  ['quotes the token', ({ token }) => ({ status: 400, body: error('ValidationError', `Value '${token}' is bad`) })],
  ['quotes the request', ({ body }) => ({ status: 400, body: error('ValidationError', `cannot read ${body}`) })],
  [
    'quotes the token in base64',
    ({ token }) => ({
      status: 400,
      body: error('InvalidIdentityToken', `bad: ${Buffer.from(token).toString('base64')}`),
    }),
  ],
  [
    'quotes the claims',
    ({ token }) => ({
      status: 400,
      body: error('InvalidIdentityToken', `bad: ${token.split('.')[1]} and ${token.split('.')[2]}`),
    }),
  ],
  ['has the token as its code', ({ token }) => ({ status: 400, body: error(token, 'no') })],
  ['has the token as its request id', ({ token }) => ({ status: 403, body: error('AccessDenied', 'no', token) })],
  [
    'has the token in its headers',
    ({ token }) => ({ status: 403, headers: { 'x-amzn-requestid': token }, body: error('AccessDenied', 'no') }),
  ],
  ['answers a page that quotes the token', ({ token }) => ({ body: `<html><body>${token}</body></html>` })],
  ['redirects to the token', ({ token }) => ({ status: 302, headers: { location: `/?token=${token}` }, body: '' })],
  ['answers JSON that quotes the token', ({ token }) => ({ status: 400, body: JSON.stringify({ message: token }) })],
  ['breaks off behind the secret key', (all) => ({ body: success(all).split('<Expiration>')[0] ?? '' })],
  ['has the secret key as its Expiration', (all) => ({ body: success(all, { expiration: all.secretKey }) })],
  ['has the token as its role', (all) => ({ body: success(all, { arn: all.token }) })],
  ['gives a secret key of another role', (all) => ({ body: success(all, { arn: `${all.secretKey}/x` }) })],
  [
    'has the secret key as its code',
    ({ secretKey, sessionToken }) => ({ status: 400, body: error(secretKey, `for ${sessionToken}`) }),
  ],
  ['answers rightly', (all) => ({ body: success(all) })],
]

export type HostileSts = {
  readonly url: string
  /** The prank to come. */
  readonly play: (prank: Prank) => void
  /** Resolves when the next request has been answered. */
  readonly next: () => Promise<unknown>
  readonly stop: () => Promise<void>
}

export async function startHostileSts(
  ca: CertificateAuthority,
  secrets: Pick<Exchange, 'secretKey' | 'sessionToken'>,
): Promise<HostileSts> {
  let [prank] = pranks
  let answered = Promise.withResolvers<unknown>()
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += chunk
    const token = new URLSearchParams(body).get('WebIdentityToken') ?? ''
    const reply = prank?.[1]({ ...secrets, token, body }) ?? { body: '' }
    response.writeHead(reply.status ?? 200, { 'content-type': 'text/xml', ...reply.headers })
    response.end(reply.body)
    answered.resolve(undefined)
    answered = Promise.withResolvers()
  }
  const server = createServer(await ca.issue(['127.0.0.1']), (request, response) => void respond(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play: (next) => {
      prank = next
    },
    next: () => answered.promise,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
