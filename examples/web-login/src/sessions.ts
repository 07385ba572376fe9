import { timingSafeEqual } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Provider } from './config.ts'
import type { Cookie } from './cookies.ts'
import type { Login } from './oidc.ts'
import type { Viewer } from './pages.ts'
import { Refusal } from './refusal.ts'
import { createStore, newSecret } from './store.ts'

/** Somebody who has signed in. The token stays here: browsers get the session's name only. */
export type Session = {
  readonly login: Login
  readonly provider: Provider
  /** In every form, so that no other site can post one. */
  readonly csrf: string
  /** Said once, on the next page. */
  note: string | undefined
}

export type Sessions = {
  /** A new session under a new name, whatever the browser had before. */
  readonly begin: (request: Request, response: Response, login: Login, provider: Provider) => void
  readonly find: (request: Request) => Session | undefined
  readonly end: (request: Request, response: Response) => void
  /** Throws a {@link Refusal} where a form is not from a page of this session. */
  readonly checkForm: (session: Session, csrf: unknown) => void
}

export const viewerOf = ({ login, provider, csrf }: Session): Viewer => ({
  displayName: login.displayName,
  providerTitle: provider.title,
  csrf,
})

const EIGHT_HOURS = 8 * 3_600_000
const MOST_SESSIONS = 10_000

export function createSessions(cookie: Cookie, now: () => number): Sessions {
  const store = createStore<Session>({ lifetime: EIGHT_HOURS, most: MOST_SESSIONS, now })
  const find = (request: Request): Session | undefined => store.find(cookie.read(request))
  return {
    find,
    begin: (request, response, login, provider) => {
      store.take(cookie.read(request))
      cookie.write(response, store.open({ login, provider, csrf: newSecret(), note: undefined }))
    },
    end: (request, response) => {
      store.take(cookie.read(request))
      cookie.clear(response)
    },
    checkForm: ({ csrf }, given) => {
      const [wanted, found] = [Buffer.from(csrf), Buffer.from(typeof given === 'string' ? given : '')]
      if (wanted.length !== found.length || !timingSafeEqual(wanted, found))
        throw new Refusal('app', 'FormForeign', 403)
    },
  }
}
