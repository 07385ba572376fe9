import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodyBudget } from './bodyBudget.ts'
import { malformed, type Refuse, refuseBusy, type Stopwatch, unexpected } from './refusals.ts'
import type { Entry } from './types.ts'

/** Decides about a body, parsed from JSON, and answers. */
export type Answer = (body: unknown, entry: Entry, response: ServerResponse) => Promise<void>

export type UsualReviews = {
  readonly maxBodyBytes: number
  readonly budget: BodyBudget
  readonly watch: Stopwatch
  readonly refuse: Refuse
  readonly answer: Answer
}

const ENTRIES: Readonly<Record<string, Entry>> = { '/mutate': 'lanyard', '/mutate/eks': 'eks' }

/**
 * Takes reviews as API servers send them, without a framework's way to them, and tells whether it did. Whatever is not
 * exactly so (another path, method or type, a coding, no length or too much of it) is left to whoever knows what to say to it.
 */
export function takeUsual(options: UsualReviews): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { maxBodyBytes, budget, watch, refuse, answer } = options
  return (request, response) => {
    const entry = entryOf(request)
    const length = plainLength(request)
    if (entry === undefined || length === undefined || length > maxBodyBytes) return false
    watch.start(response)
    if (!budget(request, response)) {
      refuseBusy(refuse, response)
      return true
    }
    readBody(request, length, (bytes) => {
      const body = bytes && parse(bytes)
      if (body === undefined) refuse(response, 400, malformed())
      else answer(body, entry, response).catch(() => refuse(response, 500, unexpected()))
    })
    return true
  }
}

function entryOf({ method, url = '' }: IncomingMessage): Entry | undefined {
  if (method !== 'POST') return undefined
  const query = url.indexOf('?')
  const path = query < 0 ? url : url.slice(0, query)
  return Object.hasOwn(ENTRIES, path) ? ENTRIES[path] : undefined
}

/** How long the body is, where it is plain JSON that says its length. */
function plainLength({ headers }: IncomingMessage): number | undefined {
  if (headers['content-type'] !== 'application/json') return undefined
  if (headers['content-encoding'] !== undefined || headers['transfer-encoding'] !== undefined) return undefined
  const length = headers['content-length'] ?? ''
  return /^[1-9]\d{0,9}$/.test(length) ? Number(length) : undefined
}

/** Gives the whole body to `then`, or undefined where it breaks off; Node sees to it that it is no longer than it says. */
function readBody(request: IncomingMessage, length: number, then: (bytes: Buffer | undefined) => void): void {
  let bytes: Buffer | undefined
  let at = 0
  request.on('data', (part: Buffer) => {
    bytes ??= part.length === length ? part : Buffer.allocUnsafe(length)
    // Into one place as they come: kept apart, a body in parts of one byte would take a hundred times its length.
    if (bytes !== part) part.copy(bytes, at)
    at += part.length
  })
  request.once('end', () => then(at === length ? bytes : undefined))
  request.once('error', () => {})
  request.once('close', () => {
    if (!request.complete) then(undefined)
  })
}

/** Undefined for what is no object (or list) in JSON. */
function parse(bytes: Buffer): object | undefined {
  const text = bytes.toString('utf8')
  try {
    const value: unknown = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
