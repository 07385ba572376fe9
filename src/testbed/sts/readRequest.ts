import type { IncomingMessage } from 'node:http'
import type { Dialect } from './dialects.ts'
import { StsFailure } from './failure.ts'
import type { StsRequest } from './types.ts'

const bodyLimit = 256 * 1024
const formType = 'application/x-www-form-urlencoded'

/** Not by `for await`: leaving that early destroys the connection, and with it the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= bodyLimit) chunks.push(chunk)
      else reject(new StsFailure('RequestEntityTooLarge', `The request has over ${bodyLimit} bytes`, { status: 413 }))
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', reject)
  })
}

/** Repeated headers joined as Signature Version 4 joins them, which is not as node:http does. */
function readHeaders(rawHeaders: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    const earlier = headers.get(name)
    headers.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return headers
}

function readParameters(sources: readonly string[]): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, value] of sources.flatMap((source) => [...new URLSearchParams(source)])) {
    if (parameters.has(name)) throw new StsFailure('MalformedQueryString', `The parameter ${name} is given twice`)
    parameters.set(name, value)
  }
  return parameters
}

/**
 * Reads a request of the Query protocol: parameters in a form body (POST) or in the address (GET).
 * @throws StsFailure for what is no such request; the stream's own error when the client goes away.
 */
export async function readRequest(message: IncomingMessage, { plus }: Pick<Dialect, 'plus'>): Promise<StsRequest> {
  const { method = '', url = '/' } = message
  const [path = '', ...rest] = url.split('?')
  const query = rest.join('?')
  if (method !== 'GET' && method !== 'POST') {
    throw new StsFailure('MethodNotAllowed', 'Only GET and POST are supported', { status: 405 })
  }
  if (path !== '/') throw new StsFailure('UnknownOperationException', 'There is nothing at this path', { status: 404 })
  const headers = readHeaders(message.rawHeaders)
  const body = await readBody(message)
  const isForm = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === formType
  const form = plus === 'literal' ? body.toString('utf8').replaceAll('+', '%2B') : body.toString('utf8')
  const parameters = readParameters(isForm ? [query, form] : [query])
  return { method, path, query, headers, body, parameters }
}
