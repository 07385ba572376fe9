import http, { type Agent, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import https from 'node:https'

export type Reply = { status: number; headers: IncomingHttpHeaders; text: string; json: () => Record<string, unknown> }

export type Call = {
  port: number
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  agent?: Agent
  /** PEM of the authority to trust: makes it a TLS request. */
  ca?: string
  host?: string
}

const usual = { 'content-type': 'application/json' }

const toReply = (status: number, headers: IncomingHttpHeaders, text: string): Reply => ({
  status,
  headers,
  text,
  json: () => JSON.parse(text),
})

/** Begins a request and leaves it open: the test writes the body when it wants. */
export function open(call: Call): { request: http.ClientRequest; reply: Promise<Reply> } {
  const { port, path = '/mutate', method = 'POST', headers = usual, ca, host = '127.0.0.1', agent } = call
  const options: RequestOptions = { host, port, path, method, headers, ...(agent === undefined ? {} : { agent }) }
  const request = ca === undefined ? http.request(options) : https.request({ ...options, ca })
  const reply = new Promise<Reply>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve(toReply(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())),
      )
    })
  })
  // A test that cuts the connection itself may not look at the reply any more.
  reply.catch(() => {})
  return { request, reply }
}

/** One whole request. */
export function send(call: Call): Promise<Reply> {
  const { request, reply } = open(call)
  request.end(call.body)
  return reply
}
