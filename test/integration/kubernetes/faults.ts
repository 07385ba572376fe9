import type { IncomingMessage, ServerResponse } from 'node:http'
import { statusOf } from './store.ts'

/** Takes a request over, in place of the API server. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => void

export const raw =
  (code: number, text: string | Buffer = '', headers: Record<string, string> = {}): Fault =>
  (_request, response) => {
    response.writeHead(code, headers).end(text)
  }

/** An error as the API server words it. */
export const answering = (code: number, message = 'no', headers: Record<string, string> = {}): Fault =>
  raw(code, JSON.stringify(statusOf(code, message).body), { 'content-type': 'application/json', ...headers })

export const hang: Fault = () => {}

export const reset: Fault = (request) => {
  request.socket.destroy()
}

/** What listens is something else than a server of HTTP. */
export const garbage: Fault = (request) => {
  request.socket.end('garbage\r\n\r\n')
}

/** Begins to answer, and never goes on. */
export const stall: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"metadata":')
}

/** An answer that has no end. */
export const endless: Fault = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const chunk = Buffer.alloc(65_536, 'x')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
