import { randomBytes, randomInt } from 'node:crypto'
import type { Session, SessionStore } from './types.ts'

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function createAccessKeyId(): string {
  return `ASIA${Array.from({ length: 16 }, () => base32[randomInt(base32.length)]).join('')}`
}

/** Keeps the newest `limit` sessions, expired ones too: an expired key is answered otherwise than an unknown one. */
export function createSessionStore(limit = 10_000): SessionStore {
  const sessions = new Map<string, Session>()
  return {
    issue: (request) => {
      const session: Session = {
        accessKeyId: createAccessKeyId(),
        secretAccessKey: randomBytes(30).toString('base64'),
        // AWS's begin like this, too; their length is nobody's business, so it is not always the same.
        sessionToken: `FwoGZXIvYXdzE${randomBytes(randomInt(400, 700)).toString('base64')}`,
        ...request,
      }
      sessions.set(session.accessKeyId, session)
      const [oldest] = sessions.keys()
      if (sessions.size > limit && oldest !== undefined) sessions.delete(oldest)
      return session
    },
    find: (accessKeyId) => sessions.get(accessKeyId),
  }
}
