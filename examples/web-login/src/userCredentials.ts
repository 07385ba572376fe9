/** AWS credentials of one user, from Lanyard's broker in the same pod. */
import { readFile } from 'node:fs/promises'
import type { Config } from './config.ts'
import { Refusal } from './refusal.ts'

/** What the broker is shown of a user. */
export type Proof = { readonly provider: string; readonly token: string; readonly nonce: string }

export type UserCredentials = {
  /** The same for a user every time, and no personal data: what `{user}` stands for in the role's session policy. */
  readonly user: string
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken: string
    readonly expiration: Date
  }
}

export type AskForUser = (proof: Proof) => Promise<UserCredentials>

const LONGEST_WAIT = 15_000
/** What the browser is answered. 401 would have it ask for a password. */
const STATUSES: Readonly<Record<number, number>> = { 401: 403, 403: 403, 429: 429, 503: 503 }

type Fields = Readonly<Record<string, unknown>>

/**
 * Credentials are asked for whenever they are needed, and kept nowhere: the broker verifies the user's token each time, and
 * keeps what STS gave. The function throws a {@link Refusal} with the broker's code.
 */
export function createAskForUser({ credentials: { url, tokenFile }, role }: Config): AskForUser {
  return async (proof) => {
    const { status, fields, retryAfter } = await ask(url, tokenFile, { ...proof, role })
    const user = readUser(fields)
    if (status === 200 && user !== undefined) return user
    const { code, message } = fields
    const name = typeof code === 'string' ? code : 'BrokerAnswerInvalid'
    throw new Refusal('broker', name, STATUSES[status] ?? 502, {
      ...(typeof message === 'string' && { detail: message }),
      ...(retryAfter > 0 && { retryAfter }),
    })
  }
}

type Answer = { readonly status: number; readonly fields: Fields; readonly retryAfter: number }

async function ask(url: URL, tokenFile: string, body: object): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: (await readFile(tokenFile, 'utf8')).trim() },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(LONGEST_WAIT),
    })
    const fields: unknown = await response.json()
    const retryAfter = Number(response.headers.get('retry-after') ?? 0)
    return { status: response.status, fields: isFields(fields) ? fields : {}, retryAfter }
  } catch {
    throw new Refusal('app', 'BrokerUnreachable', 503)
  }
}

function readUser({ user, credentials }: Fields): UserCredentials | undefined {
  if (typeof user !== 'string' || !isFields(credentials)) return undefined
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') return undefined
  if (typeof sessionToken !== 'string' || typeof expiration !== 'string') return undefined
  return { user, credentials: { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiration) } }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
