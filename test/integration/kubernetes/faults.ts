import type { IncomingMessage, ServerResponse } from 'node:http'
import { statusOf } from './store.ts'

/** Takes a request over, in place of the API server, which `answer` lets do its work after all. */
export type Fault = (request: IncomingMessage, response: ServerResponse, answer: () => void) => void

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

/** The API server answers, but not before it is told to. */
export function hold() {
  const opened = Promise.withResolvers<void>()
  const fault: Fault = (_request, _response, answer) => void opened.promise.then(answer)
  return { fault, open: opened.resolve }
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
