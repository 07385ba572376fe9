import { IncomingMessage } from 'node:http'
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { fetchIssuerKeys } from '../../../src/testbed/sts/fetchIssuerKeys.ts'
import { CLIENT_ASSERTION_TYPE, NOBODY, type ServiceAccountIssuer, TOKEN_EXCHANGE } from './options.ts'

/**
 * The subject of a service account's token that is signed by the cluster's key, meant for `audience` and not expired;
 * undefined for any other token.
 */
export async function verifyServiceAccount(
  token: string,
  cluster: ServiceAccountIssuer | undefined,
  audience: string,
): Promise<string | undefined> {
  try {
    if (cluster === undefined || decodeJwt(token).iss !== cluster.issuer) return undefined
    const { issuer, ca, bearer } = cluster
    const keys = await fetchIssuerKeys({
      url: issuer,
      clientIds: [],
      ...(ca !== undefined && { ca }),
      ...(bearer !== undefined && { bearer }),
    })
    const options = { issuer, audience, algorithms: ['RS256', 'ES256'] }
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys }), options)
    return payload.sub
  } catch {
    return undefined
  }
}

export type Vouching = {
  readonly cluster: ServiceAccountIssuer | undefined
  readonly audience: string
  /** Client ID and secret of a service account, by its subject. */
  readonly clientOf: (subject: string) => { readonly clientId: string; readonly secret: string } | undefined
}

/**
 * oidc-provider takes client assertions that the client itself has signed (iss = sub = client ID) and no others. So the
 * assertion of a service account is verified here, before the request comes to it, and replaced by a secret that nobody
 * else has. What does not verify is left as it is, for oidc-provider to refuse in its own words. A token exchange without
 * any client gets the one that is nobody.
 */
export async function vouchFor(request: IncomingMessage, vouching: Vouching): Promise<IncomingMessage> {
  const parameters = new URLSearchParams(await readBody(request))
  const client = await vouchedClient(parameters, vouching)
  if (client !== undefined) {
    parameters.delete('client_assertion')
    parameters.delete('client_assertion_type')
    parameters.set('client_id', client.clientId)
    parameters.set('client_secret', client.secret)
  }
  const named = parameters.has('client_id') || parameters.has('client_assertion')
  if (parameters.get('grant_type') === TOKEN_EXCHANGE && !named && request.headers.authorization === undefined) {
    parameters.set('client_id', NOBODY)
  }
  return withBody(request, parameters.toString())
}

async function vouchedClient(parameters: URLSearchParams, { cluster, audience, clientOf }: Vouching) {
  if (parameters.get('client_assertion_type') !== CLIENT_ASSERTION_TYPE) return undefined
  const subject = await verifyServiceAccount(parameters.get('client_assertion') ?? '', cluster, audience)
  const client = subject === undefined ? undefined : clientOf(subject)
  const asked = parameters.get('client_id') ?? client?.clientId
  return asked === client?.clientId ? client : undefined
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** The same request as if it had come with that body. */
function withBody(request: IncomingMessage, body: string): IncomingMessage {
  const copy = new IncomingMessage(request.socket)
  const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) }
  Object.assign(copy, {
    method: request.method,
    url: request.url,
    httpVersion: request.httpVersion,
    headers,
    complete: true,
  })
  copy.push(body)
  copy.push(null)
  return copy
}
