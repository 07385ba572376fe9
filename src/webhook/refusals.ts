import type { ServerResponse } from 'node:http'
import { type Code, describe, fixOf, type Problem } from '../errors/index.ts'
import type { Log } from '../terminal/log.ts'
import type { ReviewMetrics } from './types.ts'

/** Answers in place of a review, once, and tells the log and the metrics. */
export type Refuse = (response: ServerResponse, status: number, problem: Problem) => void

/** How long requests have been here, by their responses; in seconds. */
export type Stopwatch = {
  readonly start: (response: ServerResponse) => void
  readonly seconds: (response: ServerResponse) => number
}

export function stopwatch(now: () => number): Stopwatch {
  const began = new WeakMap<ServerResponse, number>()
  return {
    start: (response) => void began.set(response, now()),
    seconds: (response) => {
      const at = now()
      return Math.max(0, at - (began.get(response) ?? at)) / 1_000
    },
  }
}

type Parts = { readonly log: Log; readonly metrics: ReviewMetrics; readonly watch: Stopwatch }

export function refuser({ log, metrics, watch }: Parts): Refuse {
  return (response, status, refused) => {
    if (response.headersSent) return
    const where = refused.field === undefined ? '' : `${refused.field} `
    const message = `${describe(refused.code).cause} (${where}${refused.message})`
    sendJson(response, status, JSON.stringify({ code: refused.code, message, fix: fixOf(refused) }))
    const seconds = watch.seconds(response)
    metrics.admission(refused.code === 'Internal' ? 'error' : 'refuse', refused.code, seconds)
    log.warn('admission review refused', { code: refused.code, message, status, seconds })
  }
}

/** Sends the text of a JSON value as the whole answer. */
export function sendJson(response: ServerResponse, status: number, text: string): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': length })
  response.end(text)
}

export const problem = (code: Code, message: string): Problem => ({ code, message })
export const malformed = (): Problem => problem('ReviewMalformed', 'the body is not complete, valid JSON of an object')
export const unexpected = (): Problem => problem('Internal', 'unexpected error')

/** Where there is no room for another body. */
export function refuseBusy(refuse: Refuse, response: ServerResponse): void {
  response.setHeader('Retry-After', '1')
  refuse(response, 503, problem('ReviewBusy', 'there is no room for another body'))
}
