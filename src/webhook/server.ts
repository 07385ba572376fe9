import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'
import express from 'express'
import { type Code, describe, fixOf, type Problem } from '../errors/index.ts'
import type { Log } from '../terminal/log.ts'
import { bodyBudget } from './bodyBudget.ts'
import { handleReview } from './handle.ts'
import { parseReview } from './review.ts'
import type { Admit, Entry, ReviewMetrics } from './types.ts'

/** What the webhook is made of. `now` is in epoch milliseconds; fractions of them make the durations precise. */
export type WebhookOptions = {
  readonly admit: Admit
  readonly log: Log
  readonly metrics: ReviewMetrics
  readonly now: () => number
  readonly maxBodyBytes: number
  /** The most bytes of bodies under way at once; 64 MiB where absent. */
  readonly mostBodyBytes?: number
}

/** Errors of express.json by their type that are not simply a malformed body. */
const refusals: Readonly<Record<string, { status: number; code: Code; message: string }>> = {
  'entity.too.large': { status: 413, code: 'ReviewTooLarge', message: 'the body is too large' },
  'encoding.unsupported': { status: 415, code: 'ReviewContentType', message: 'the body has a content encoding' },
  'charset.unsupported': { status: 415, code: 'ReviewContentType', message: 'the body is not in UTF-8' },
}

/**
 * The webhook as an express application: `POST /mutate` takes an AdmissionReview v1 and answers one, and so does
 * `POST /mutate/eks`, for pods of EKS's annotations; everything else is refused with `{ code, message, fix }`. A failure to decide refuses the pod and never the process.
 */
export function createWebhook(options: WebhookOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', false)
  const refuse = refuser(options)
  const { admit, log, metrics, now, maxBodyBytes, mostBodyBytes } = options
  const reviewOf =
    (entry: Entry): RequestHandler =>
    async (request, response) => {
      const parsed = parseReview(request.body)
      if (parsed.kind === 'problem') return refuse(response, 400, parsed.problem)
      const elapsed = (): number => elapsedSince(response, now)
      await handleReview(parsed.review, { admit, entry, log, metrics, elapsed }, (body, status) =>
        response.status(status).type('json').send(body),
      )
    }
  app.use((_request, response, next) => {
    response.locals['startedAt'] = now()
    next()
  })
  const json = express.json({ inflate: false, limit: maxBodyBytes, type: () => true })
  const budget = bodyBudget({ maxBodyBytes, mostBytes: mostBodyBytes, busy: refuseBusy(refuse) })
  const checks = [refuseMethods(refuse), refuseTypes(refuse), budget, json]
  app.all('/mutate', checks, reviewOf('lanyard'))
  app.all('/mutate/eks', checks, reviewOf('eks'))
  app.use((_request, response) => refuse(response, 404, problem('ReviewPath', 'only /mutate is served')))
  app.use(refuseErrors(refuse))
  return app
}

type Refuse = (response: Response, status: number, problem: Problem) => void

const problem = (code: Code, message: string): Problem => ({ code, message })

const elapsedSince = (response: Response, now: () => number): number =>
  Math.max(0, now() - Number(response.locals['startedAt'])) / 1_000

function refuser({ log, metrics, now }: WebhookOptions): Refuse {
  return (response, status, refused) => {
    if (response.headersSent) return
    const where = refused.field === undefined ? '' : `${refused.field} `
    const message = `${describe(refused.code).cause} (${where}${refused.message})`
    response.status(status).json({ code: refused.code, message, fix: fixOf(refused) })
    const seconds = elapsedSince(response, now)
    metrics.admission(refused.code === 'Internal' ? 'error' : 'refuse', refused.code, seconds)
    log.warn('admission review refused', { code: refused.code, message, status, seconds })
  }
}

const refuseMethods =
  (refuse: Refuse): RequestHandler =>
  (request, response, next) => {
    if (request.method === 'POST') return next()
    response.setHeader('Allow', 'POST')
    refuse(response, 405, problem('ReviewMethod', 'only POST is answered'))
  }

const refuseTypes =
  (refuse: Refuse): RequestHandler =>
  (request, response, next) => {
    if (mediaType(request) === 'application/json') return next()
    refuse(response, 415, problem('ReviewContentType', 'the content type is another, or missing'))
  }

const refuseBusy =
  (refuse: Refuse): RequestHandler =>
  (_request, response) => {
    response.setHeader('Retry-After', '1')
    refuse(response, 503, problem('ReviewBusy', 'there is no room for another body'))
  }

const mediaType = (request: Request): string | undefined =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()

/** express knows an error handler by its four parameters. */
function refuseErrors(refuse: Refuse): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { type, status } = isRecord(error) ? error : {}
    const known = typeof type === 'string' ? refusals[type] : undefined
    if (known !== undefined) return refuse(response, known.status, problem(known.code, known.message))
    if (typeof status === 'number' && status < 500) {
      return refuse(response, 400, problem('ReviewMalformed', 'the body is not complete, valid JSON of an object'))
    }
    refuse(response, 500, problem('Internal', 'unexpected error'))
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
