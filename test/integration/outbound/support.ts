import type { RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Outbound, OutboundRequest } from '../../../src/federation/index.ts'
import { createOutbound, type OutboundOptions } from '../../../src/outbound/index.ts'
import { type CertificateAuthority, createCertificateAuthority } from '../../../src/testbed/certificates.ts'
import { listenHttps } from '../../../src/testbed/httpsServer.ts'

/** Any part of it in a message is a leak. */
export const canary = 'c4n4ry-c4n4ry-c4n4ry'
export const never = new AbortController().signal
export const noon = Date.UTC(2026, 0, 1, 12)

let authority: Promise<CertificateAuthority> | undefined
export const theAuthority = (): Promise<CertificateAuthority> => {
  authority ??= createCertificateAuthority({ name: 'test', now: Date.now })
  return authority
}

/** An https server for one test. */
export async function serve(listener: RequestListener, host = '127.0.0.1'): Promise<string> {
  const ca = await theAuthority()
  const { url, stop } = await listenHttps({ ca, host, port: 0 }, listener)
  onTestFinished(stop)
  return url
}

/** Patient by default: a busy machine is no failure. */
export async function open(change: Partial<OutboundOptions> = {}): Promise<Outbound> {
  const limits = { connectTimeout: 10_000, totalTimeout: 15_000, maxBytes: 4_000 }
  return createOutbound({ ca: (await theAuthority()).pem, ...limits, now: () => noon, version: '1.2.3', ...change })
}

/** A request that is full of what must not be shown. */
export const secretly = (url: string): OutboundRequest => ({
  method: 'POST',
  url: `${url}?key=${canary}`,
  headers: { authorization: `Bearer ${canary}`, 'content-type': 'text/plain' },
  body: `secret=${canary}`,
})
