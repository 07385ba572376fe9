/** The app: its parts put together, what holds for every request, and the page of every refusal. */
import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import type { Config } from './config.ts'
import { createCookie } from './cookies.ts'
import { createFileRoutes } from './fileRoutes.ts'
import { createLoginRoutes } from './loginRoutes.ts'
import { refusalPage } from './pages.ts'
import { Refusal } from './refusal.ts'
import { createSessions, type Sessions, viewerOf } from './sessions.ts'
import { createAskForUser } from './userCredentials.ts'

export type Parts = {
  readonly config: Config
  /** The clock, epoch milliseconds. */
  readonly now: () => number
  readonly print: (line: string) => void
}

const assets = fileURLToPath(new URL('../public', import.meta.url))

export function createApp({ config, now, print }: Parts): Express {
  const secure = config.publicUrl.protocol === 'https:'
  const sessions = createSessions(createCookie('session', secure), now)
  const askForUser = createAskForUser(config)
  const app = express()
  app.disable('x-powered-by')
  app.use(headers(secure))
  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'))
  app.use(express.static(assets, { index: false, maxAge: '1h' }))
  app.use((_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  app.use(createLoginRoutes({ config, sessions, askForUser, pending: createCookie('login', secure), now }))
  app.use(createFileRoutes({ config, sessions, askForUser }))
  app.use(() => {
    throw new Refusal('app', 'PageNotFound', 404)
  })
  app.use(refuse(sessions, print))
  return app
}

/** No script, no frame, nothing from elsewhere; and no address of ours, which may hold a code, for anyone else. */
function headers(secure: boolean): RequestHandler {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  const all = {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...(secure && { 'strict-transport-security': 'max-age=31536000' }),
  }
  return (_request, response, next) => {
    response.set(all)
    next()
  }
}

function refuse(sessions: Sessions, print: Parts['print']): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const refusal = toRefusal(error)
    const { by, code } = refusal
    const unexpected = code === 'Unexpected' && error instanceof Error ? { error: error.name } : {}
    print(JSON.stringify({ msg: 'refused', method: request.method, by, code, ...unexpected }))
    if (response.headersSent) return void response.destroy()
    if (refusal.retryAfter !== undefined) response.set('retry-after', String(refusal.retryAfter))
    const session = sessions.find(request)
    response
      .status(refusal.status)
      .type('html')
      .send(refusalPage(refusal, session && viewerOf(session)).text)
  }
}

/** Whatever else goes wrong is told to nobody: it may hold anything. */
function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const { type, status } = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  if (type === 'entity.too.large') return new Refusal('app', 'FileTooLarge', 413)
  // Of Express: an address or a body that cannot be decoded.
  if (typeof status === 'number' && status >= 400 && status < 500) return new Refusal('app', 'FormInvalid', status)
  return new Refusal('app', 'Unexpected', 500)
}
