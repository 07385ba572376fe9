import type { Instant, Milliseconds } from '../../credentials/index.ts'
import { Failure } from '../../errors/index.ts'
import { type Answer, invalid, readObject, retryAfter } from './answers.ts'
import type { ClientProof } from './clientProof.ts'
import type { Issuer } from './issuer.ts'
import { toProviderFailure } from './oauthErrors.ts'

export type TokenRequest = {
  /** Without what shows who the client is; undefined ones are left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly proof: ClientProof
  /** What of the parameters must not come back in a message. */
  readonly secrets: readonly string[]
  readonly token: 'access_token' | 'id_token'
}

/** All of it throws Failure. */
export type TokenEndpoint = {
  /** Throws the latest failure again as long as the server wants to be left alone. */
  readonly checkRest: () => void
  /** Asks for a token (RFC 6749, section 4.4.2) and gives it, not looked at yet. */
  readonly ask: (request: TokenRequest, signal: AbortSignal) => Promise<string>
}

/** An hour would be longer than a session may live on what it holds. */
const LONGEST_WAIT: Milliseconds = 300_000

/** The token endpoint of an issuer, left alone for as long as it wants to be (Retry-After), up to 5 minutes. */
export function openTokenEndpoint(issuer: Issuer, now: () => Instant): TokenEndpoint {
  let resting: { readonly until: Instant; readonly failure: Failure } | undefined
  const checkRest = (): void => {
    const rest = (resting?.until ?? 0) - now()
    // A wait that is longer than any is a clock that was set back.
    if (resting !== undefined && rest > 0 && rest <= LONGEST_WAIT) throw resting.failure
    resting = undefined
  }
  const ask: TokenEndpoint['ask'] = async ({ parameters, proof, secrets, token }, signal) => {
    const answer = await post(issuer, { ...parameters, ...proof.parameters }, proof, signal)
    if (answer.status === 200) return readToken(answer, token)
    const failure = toProviderFailure(answer, [...secrets, ...proof.secrets])
    const wait = retryAfter(answer.headers['retry-after'], answer.localTime)
    if (wait !== undefined) resting = { until: now() + Math.min(wait, LONGEST_WAIT), failure }
    throw failure
  }
  return { checkRest, ask }
}

async function post(
  issuer: Issuer,
  parameters: TokenRequest['parameters'],
  proof: ClientProof,
  signal: AbortSignal,
): Promise<Answer> {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) body.append(name, value)
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...proof.headers,
  }
  const url = await issuer.tokenEndpoint(signal)
  return issuer.ask({ method: 'POST', url, headers, body: body.toString() }, signal)
}

/** RFC 6749, section 5.1. RFC 8693, section 2.2.1: what an exchange gives is access_token, whatever it is. */
function readToken(answer: Answer, name: TokenRequest['token']): string {
  const object = readObject(answer)
  const { token_type: type } = object
  // Section 7.1: who does not know the type must not use the token; STS knows no proof of possession.
  if (type !== undefined && !(typeof type === 'string' && /^(bearer|n_a)$/i.test(type))) {
    throw invalid(answer.place, 'has a token of a type that is not Bearer')
  }
  const token = object[name]
  if (typeof token === 'string' && token !== '') return token
  throw new Failure({ code: 'ProviderTokenMissing', message: `the answer of ${answer.place} has no ${name}` })
}
