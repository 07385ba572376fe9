/** Signing in and out. */
import express, { Router } from 'express'
import type { Config } from './config.ts'
import type { Cookie } from './cookies.ts'
import { createOidc, type Pending } from './oidc.ts'
import { loginPage } from './pages.ts'
import { Refusal } from './refusal.ts'
import type { Sessions } from './sessions.ts'
import { createStore } from './store.ts'
import type { AskForUser } from './userCredentials.ts'

export type LoginParts = {
  readonly config: Config
  readonly sessions: Sessions
  readonly askForUser: AskForUser
  /** Of logins that have begun. */
  readonly pending: Cookie
  readonly now: () => number
}

const TEN_MINUTES = 600_000
/** Apart from the sessions, so that whoever begins logins without end signs nobody out. */
const MOST_LOGINS = 10_000

export function createLoginRoutes({ config, sessions, askForUser, pending, now }: LoginParts): Router {
  const { providers, publicUrl } = config
  const logins = createStore<Pending>({ lifetime: TEN_MINUTES, most: MOST_LOGINS, now })
  // A redirect URI for each: the answer of one provider cannot pass for another's.
  const known = new Map(
    providers.map((provider) => {
      const redirectUri = new URL(`/callback/${provider.name}`, publicUrl).href
      return [provider.name, { provider, oidc: createOidc(provider, redirectUri, now) }]
    }),
  )
  const named = (name: string) => {
    const found = known.get(name)
    if (found === undefined) throw new Refusal('app', 'PageNotFound', 404)
    return found
  }

  const router = Router()
  router.get('/', (request, response) => {
    if (sessions.find(request) !== undefined) return response.redirect(303, '/files')
    response.type('html').send(loginPage(providers).text)
  })

  router.get('/login/:provider', async (request, response) => {
    const begun = await named(request.params.provider).oidc.begin()
    pending.write(response, logins.open(begun.pending))
    response.redirect(303, begun.url.href)
  })

  router.get('/callback/:provider', async (request, response) => {
    const { provider, oidc } = named(request.params.provider)
    const begun = logins.take(pending.read(request))
    pending.clear(response)
    if (begun?.provider !== provider.name) throw new Refusal('app', 'LoginNotStarted', 400)
    const login = await oidc.finish(new URL(request.originalUrl, publicUrl), begun)
    // Nobody is signed in before the broker, too, has verified the token, its signature above all.
    await askForUser({ provider: provider.name, token: login.idToken, nonce: login.nonce })
    sessions.begin(request, response, login, provider)
    response.redirect(303, '/files')
  })

  router.post('/logout', express.urlencoded({ extended: false, limit: '1kb' }), (request, response) => {
    const session = sessions.find(request)
    if (session === undefined) return response.redirect(303, '/')
    sessions.checkForm(session, (request.body as { csrf?: unknown } | undefined)?.csrf)
    sessions.end(request, response)
    response.type('html').send(loginPage(providers, session.provider.title).text)
  })
  return router
}
