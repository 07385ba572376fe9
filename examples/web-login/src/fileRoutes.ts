/** The files of whoever is signed in. */
import { pipeline } from 'node:stream/promises'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Config } from './config.ts'
import { type Files, openFiles } from './files.ts'
import { filesPage, sizeOf } from './pages.ts'
import { Refusal } from './refusal.ts'
import { type Session, type Sessions, viewerOf } from './sessions.ts'
import { MOST_BYTES, readUpload } from './upload.ts'
import type { AskForUser } from './userCredentials.ts'

/** Of a form, besides the file: bytes. */
const ROUND_IT = 4_096

export type FileParts = { readonly config: Config; readonly sessions: Sessions; readonly askForUser: AskForUser }

export function createFileRoutes({ config, sessions, askForUser }: FileParts): Router {
  /** As one user: what S3 lets that user do. */
  const withFiles = async (
    request: Request,
    response: Response,
    act: (files: Files, session: Session) => Promise<void>,
  ): Promise<void> => {
    const session = signedIn(request)
    const { provider, login } = session
    const proof = { provider: provider.name, token: login.idToken, nonce: login.nonce }
    const user = await askForUser(proof).catch((error: unknown) => {
      // Whatever is wrong with the token will not get better: what is left is to sign in again.
      if (error instanceof Refusal && /^User(Token|Nonce)/.test(error.code)) sessions.end(request, response)
      throw error
    })
    const files = openFiles(config, user)
    try {
      await act(files, session)
    } finally {
      files.close()
    }
  }
  const signedIn = (request: Request): Session => {
    const session = sessions.find(request)
    if (session === undefined) throw new Refusal('app', 'NotSignedIn', 403)
    return session
  }
  /** Before a body is read, for it costs memory. */
  const onlySignedIn: RequestHandler = (request, response, next) => {
    if (request.method === 'GET' && sessions.find(request) === undefined) return response.redirect(303, '/')
    signedIn(request)
    next()
  }

  const router = Router()
  router.use('/files', onlySignedIn)
  router.get('/files', (request, response) =>
    withFiles(request, response, async ({ prefix, list }, session) => {
      const { note } = session
      session.note = undefined
      const view = { viewer: viewerOf(session), prefix, listing: await list(), note, limit: sizeOf(MOST_BYTES) }
      response.type('html').send(filesPage(view).text)
    }),
  )

  const readBody = express.raw({ type: 'multipart/form-data', limit: MOST_BYTES + ROUND_IT })
  router.post('/files', readBody, async (request, response) => {
    const { csrf, name, bytes } = await readUpload(request)
    sessions.checkForm(signedIn(request), csrf)
    await withFiles(request, response, async ({ prefix, put }, session) => {
      await put(`${prefix}${name}`, bytes)
      session.note = `${name} is stored.`
      response.redirect(303, '/files')
    })
  })

  // Any key that is asked for is asked of S3, with this user's credentials: S3 says whether it is theirs.
  router.get('/files/*key', (request, response) =>
    withFiles(request, response, async ({ get }) => {
      const key = [request.params['key'] ?? []].flat().join('/')
      const { body, size } = await get(key)
      // Never shown as a page of ours, whatever it holds.
      response.attachment(key.split('/').at(-1) ?? 'file').type('application/octet-stream')
      if (size !== undefined) response.set('content-length', String(size))
      await pipeline(body, response)
    }),
  )
  return router
}
