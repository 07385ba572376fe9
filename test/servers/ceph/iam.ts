import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import { computeSignature, signatureAlgorithm } from '../../../src/testbed/sts/signature.ts'
import type { Keys } from '../reach.ts'

export type IamTarget = { readonly endpoint: string; readonly ca: string; readonly keys: Keys }

/** One call of the IAM API, signed; answers its XML. Throws with what the server said, where it said no. */
export async function callIam(target: IamTarget, parameters: Readonly<Record<string, string>>): Promise<string> {
  const { endpoint, ca } = target
  // Not URLSearchParams: RGW does not take + for a space.
  const body = Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&')
  const headers = sign(target, body)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${endpoint}/`, { method: 'POST', ca, headers, agent: false }, resolve).on('error', reject).end(body)
  })
  const answer = await text(response)
  if (response.statusCode === 200) return answer
  throw new Error(`${parameters['Action']}: HTTP ${response.statusCode} ${answer.slice(0, 500)}`)
}

const encode = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)

function sign({ endpoint, keys }: IamTarget, body: string): Record<string, string> {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const date = timestamp.slice(0, 8)
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    host: new URL(endpoint).host,
    'x-amz-date': timestamp,
  }
  const scope = { timestamp, date, region: 'us-east-1', service: 'iam', signedHeaders: Object.keys(headers).sort() }
  const signed = { method: 'POST', path: '/', query: '', headers: new Map(Object.entries(headers)), body }
  const signature = computeSignature(signed, scope, keys.secretAccessKey)
  const credential = `${keys.accessKeyId}/${date}/${scope.region}/${scope.service}/aws4_request`
  return {
    ...headers,
    authorization: `${signatureAlgorithm} Credential=${credential}, SignedHeaders=${scope.signedHeaders.join(';')}, Signature=${signature}`,
  }
}
