import { createHash, createHmac } from 'node:crypto'

/** What a signature covers, besides the headers that it names. */
export type SignedRequest = {
  method: string
  path: string
  /** As sent, without the question mark. */
  query: string
  headers: ReadonlyMap<string, string>
  body: Buffer | string
}

/** What the signer says of its signature. */
export type SignatureScope = {
  /** `YYYYMMDDTHHMMSSZ` */
  timestamp: string
  /** `YYYYMMDD` */
  date: string
  region: string
  service: string
  /** Lower case, in the order in which they were signed. */
  signedHeaders: readonly string[]
}

/** The only algorithm spoken here. */
export const signatureAlgorithm = 'AWS4-HMAC-SHA256'

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}

function hmac(key: Buffer | string, content: string): Buffer {
  return createHmac('sha256', key).update(content).digest()
}

/** RFC 3986, unreserved characters only; encodeURIComponent leaves five more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`)
}

function compare(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort((left, right) => compare(left[0], right[0]) || compare(left[1], right[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** The path as it was sent is encoded once more, as for every service but S3. */
function canonicalPath(path: string): string {
  return path.split('/').map(encode).join('/')
}

/** The canonical request (IAM User Guide, "Create a signed AWS API request", step 1). */
function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const headers = signedHeaders.map((name) => {
    const value = request.headers.get(name) ?? ''
    return `${name}:${value.trim().replace(/ +/g, ' ')}\n`
  })
  return [
    request.method,
    canonicalPath(request.path),
    canonicalQuery(request.query),
    headers.join(''),
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n')
}

/** The signature that the holder of the secret would give, in hexadecimal digits (the same page, steps 2 to 4). */
export function computeSignature(request: SignedRequest, scope: SignatureScope, secretAccessKey: string): string {
  const { timestamp, date, region, service } = scope
  const credentialScope = `${date}/${region}/${service}/aws4_request`
  const digest = sha256(canonicalRequest(request, scope.signedHeaders))
  const stringToSign = [signatureAlgorithm, timestamp, credentialScope, digest].join('\n')
  const dateKey = hmac(`AWS4${secretAccessKey}`, date)
  const signingKey = hmac(hmac(hmac(dateKey, region), service), 'aws4_request')
  return hmac(signingKey, stringToSign).toString('hex')
}
