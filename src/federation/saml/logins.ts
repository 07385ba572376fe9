import { createHash } from 'node:crypto'
import type { Instant, Milliseconds } from '../../credentials/types.ts'
import { Failure } from '../../errors/index.ts'

/** What the identity provider wants to see: a secret, held for one request. */
export type Login = { readonly username: string; readonly password: string }

/** A login, and who it is shown to. */
type LoginAt = Login & { readonly endpoint: string }

/** Where it outlives a restart that a login was refused. */
type KeptLogin = { readonly load: () => unknown; readonly save: (refused: unknown) => void }

export type Logins = {
  /** Throws Failure SamlLoginRefused while the login rests. */
  readonly check: (login: LoginAt) => void
  readonly refused: (login: LoginAt) => void
}

/**
 * Directories lock an account after some wrong passwords, and all pods have the same account: so the quick attempts of a
 * failing session go to nobody. Not longer, since a directory that is away looks the same, and a session of 15 min is renewed
 * 9 min before its end.
 */
const REST: Milliseconds = 360_000

type Refused = { readonly digest: string; readonly until: Instant }

/**
 * Remembers, as a digest, the login that was refused last: it is not shown again for six minutes, since after a change of
 * the password pods that go on would have the account locked. Another login, of a changed Secret, is shown at once. One
 * for all sessions of a pod.
 */
export function restingLogins(now: () => Instant, kept?: KeptLogin): Logins {
  let last = readRefused(kept?.load())
  return {
    check: (login) => {
      const rest = (last?.until ?? 0) - now()
      // A rest that is longer than any is a clock that was set back.
      if (last === undefined || rest <= 0 || rest > REST || last.digest !== digestOf(login)) return
      const again = `not shown again before ${new Date(last.until).toISOString()}, lest the account be locked`
      const message = `${login.endpoint} has refused the login of this Secret, and it is ${again}`
      throw new Failure({ code: 'SamlLoginRefused', message })
    },
    refused: (login) => {
      last = { digest: digestOf(login), until: now() + REST }
      try {
        kept?.save(last)
      } catch {
        // Then a restart shows it once more.
      }
    },
  }
}

const digestOf = ({ endpoint, username, password }: LoginAt): string =>
  createHash('sha256')
    .update(JSON.stringify([endpoint, username, password]))
    .digest('base64url')

function readRefused(left: unknown): Refused | undefined {
  if (typeof left !== 'object' || left === null || !('digest' in left) || !('until' in left)) return undefined
  const { digest, until } = left
  return typeof digest === 'string' && typeof until === 'number' && Math.abs(until) <= LAST
    ? { digest, until }
    : undefined
}

/** What a Date can hold. */
const LAST: Instant = 8.64e15
