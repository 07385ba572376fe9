import { computeSignature } from '../../../src/testbed/sts/signature.ts'
import { type Answer, call, textOf, type World } from './support.ts'

/** What a session signs with. */
export type Keys = { id: string; secret: string; token: string }

/** The credentials of an answer. */
export function keysOf(answer: Answer): Keys {
  const read = (name: string): string => textOf(answer, name) ?? ''
  return { id: read('AccessKeyId'), secret: read('SecretAccessKey'), token: read('SessionToken') }
}

/** A form POST of one action, signed as the SDKs sign it. */
export function postSigned(
  { sts, ca, clock }: Pick<World, 'sts' | 'ca' | 'clock'>,
  keys: Keys,
  parameters: Record<string, string>,
): Promise<Answer> {
  const body = new URLSearchParams({ Version: '2011-06-15', ...parameters }).toString()
  const timestamp = new Date(clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, '')
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    host: new URL(sts.url).host,
    'x-amz-date': timestamp,
    'x-amz-security-token': keys.token,
  }
  const signedHeaders = Object.keys(headers)
  const date = timestamp.slice(0, 8)
  const scope = { timestamp, date, region: 'eu-west-1', service: 'sts', signedHeaders }
  const request = { method: 'POST', path: '/', query: '', body, headers: new Map(Object.entries(headers)) }
  const signature = computeSignature(request, scope, keys.secret)
  const credential = `Credential=${keys.id}/${date}/eu-west-1/sts/aws4_request`
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return call(sts.url, ca.pem, { method: 'POST', body, headers: { ...headers, authorization } })
}
