import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSts } from '../../../src/aws/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { OpenSts, Sts, StsAnswer, StsOptions } from '../../../src/federation/index.ts'
import { createDirectSts } from '../../../src/stsDirect/index.ts'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'

export const roleArn = 'arn:aws:iam::123456789012:role/shop-web'
/** No part of it may be seen anywhere but in the request. */
export const token = 'eyJjNG40cnkiOjF9.c4n4ryPayload_c4n4ryPayload.c4n4rySignature_c4n4rySignature'
export const request = { roleArn, roleSessionName: 'shop.web.web-1', token, durationSeconds: 3600 }
export const authority = await createCertificateAuthority({ name: 'trusted', now: Date.now })

export type Seen = {
  method: string | undefined
  url: string | undefined
  headers: IncomingMessage['headers']
  body: string
}
export type Raw = { url: string; seen: Seen[]; sockets: Set<Duplex>; stop(): Promise<void> }

/** An https server that answers whatever a test wants; `respond` is called when the request has been read. */
export async function startRaw(
  respond: (response: ServerResponse, socket: Duplex) => void,
  options: ServerOptions = {},
): Promise<Raw> {
  const seen: Seen[] = []
  const sockets = new Set<Duplex>()
  const server: Server = createServer(
    { ...(await authority.issue(['127.0.0.1'])), ...options },
    async (incoming, response) => {
      let body = ''
      for await (const chunk of incoming) body += chunk
      seen.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body })
      respond(response, incoming.socket)
    },
  )
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `https://127.0.0.1:${port}`, seen, sockets, stop }
}

/** Both that implement the port: what follows from it must not depend on which one it is. */
export const implementations: readonly (readonly [string, OpenSts])[] = [
  ['the AWS SDK', createSts],
  ['TLS alone', createDirectSts],
]

export const connectBy =
  (open: OpenSts) =>
  (endpoint: string, more: Partial<StsOptions> = {}): Sts =>
    open({
      region: 'eu-west-1',
      endpoint,
      ca: authority.pem,
      connectTimeout: 5_000,
      totalTimeout: 20_000,
      now: Date.now,
      ...more,
    })

export const connect = connectBy(createSts)

export const call = (sts: Sts, signal = new AbortController().signal): Promise<StsAnswer> =>
  sts.assumeRoleWithWebIdentity(request, signal)

/** The Failure of a call, after a look that it leaks nothing. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  const everything = [thrown.message, thrown.stack, JSON.stringify(thrown), String(thrown.cause)].join('\n')
  if (/c4n4ry|eyJ/.test(everything)) throw new Error('the failure leaks')
  return thrown
}

type Fields = { expiration?: string; secret?: string; role?: string }

export function successXml({
  expiration = '2026-01-01T01:00:00Z',
  secret = 's3cr3t',
  role = 'shop-web',
}: Fields = {}): string {
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROAEXAMPLE:shop.web.web-1</AssumedRoleId>
      <Arn>arn:aws:sts::123456789012:assumed-role/${role}/shop.web.web-1</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
      <SecretAccessKey>${secret}</SecretAccessKey>
      <SessionToken>a/session+token==</SessionToken>
      <Expiration>${expiration}</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>11111111-2222</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>`
}

export const errorXml = (code: string, message: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
  `<Message>${message}</Message></Error><RequestId>in-the-body</RequestId></ErrorResponse>`
