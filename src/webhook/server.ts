import type { RequestListener } from 'node:http'
import type { ErrorRequestHandler, Express, Request, RequestHandler } from 'express'
import express from 'express'
import type { Code } from '../errors/index.ts'
import type { Log } from '../terminal/log.ts'
import { type BodyBudget, bodyBudget } from './bodyBudget.ts'
import { handleReview } from './handle.ts'
import { malformed, problem, type Refuse, refuseBusy, refuser, sendJson, stopwatch, unexpected } from './refusals.ts'
import { parseReview } from './review.ts'
import type { Admit, Entry, ReviewMetrics } from './types.ts'
import { type Answer, takeUsual, type UsualReviews } from './usualReviews.ts'

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
 * The webhook: `POST /mutate` takes an AdmissionReview v1 and answers one, and so does `POST /mutate/eks`, for pods of
 * EKS's annotations; everything else is refused with `{ code, message, fix }`. A failure to decide refuses the pod and
 * never the process. What an API server sends is taken at once; what is not quite so is an express application's.
 */
export function createWebhook(options: WebhookOptions): RequestListener {
  const { log, metrics, now, maxBodyBytes, mostBodyBytes } = options
  const watch = stopwatch(now)
  const refuse = refuser({ log, metrics, watch })
  const budget = bodyBudget({ maxBodyBytes, mostBytes: mostBodyBytes })
  const parts = { maxBodyBytes, budget, watch, refuse, answer: answerer(options, { watch, refuse }) }
  const isTaken = takeUsual(parts)
  const app = createApp(parts)
  return (request, response) => {
    if (!isTaken(request, response)) app(request, response)
  }
}

function answerer(
  { admit, log, metrics }: WebhookOptions,
  { watch, refuse }: Pick<UsualReviews, 'watch' | 'refuse'>,
): Answer {
  return async (body, entry, response) => {
    const parsed = parseReview(body)
    if (parsed.kind === 'problem') return refuse(response, 400, parsed.problem)
    const elapsed = (): number => watch.seconds(response)
    await handleReview(parsed.review, { admit, entry, log, metrics, elapsed }, (text, status) =>
      sendJson(response, status, text),
    )
  }
}

function createApp({ maxBodyBytes, budget, watch, refuse, answer }: UsualReviews): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('query parser', false)
  app.use((_request, response, next) => {
    watch.start(response)
    next()
  })
  const reviewOf =
    (entry: Entry): RequestHandler =>
    (request, response) =>
      answer(request.body, entry, response)
  const json = express.json({ inflate: false, limit: maxBodyBytes, type: () => true })
  const checks = [refuseMethods(refuse), refuseTypes(refuse), refuseMany(budget, refuse), json]
  app.all('/mutate', checks, reviewOf('lanyard'))
  app.all('/mutate/eks', checks, reviewOf('eks'))
  app.use((_request, response) => refuse(response, 404, problem('ReviewPath', 'only /mutate is served')))
  app.use(refuseErrors(refuse))
  return app
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

const refuseMany =
  (budget: BodyBudget, refuse: Refuse): RequestHandler =>
  (request, response, next) => {
    if (budget(request, response)) return next()
    refuseBusy(refuse, response)
  }

const mediaType = (request: Request): string | undefined =>
  request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()

/** express knows an error handler by its four parameters. */
function refuseErrors(refuse: Refuse): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { type, status } = isRecord(error) ? error : {}
    const known = typeof type === 'string' ? refusals[type] : undefined
    if (known !== undefined) return refuse(response, known.status, problem(known.code, known.message))
    if (typeof status === 'number' && status < 500) return refuse(response, 400, malformed())
    refuse(response, 500, unexpected())
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
