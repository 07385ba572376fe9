import type { Milliseconds } from '../credentials/index.ts'
import { type Code, Failure, toFailure } from '../errors/index.ts'
import { type NetworkTrouble, printable, redact, toNetworkTrouble } from '../federation/index.ts'
import type { Deadline } from './deadline.ts'

const codes: Readonly<Record<NetworkTrouble, Code>> = {
  timeout: 'ProviderTimeout',
  unreachable: 'ProviderUnreachable',
  untrusted: 'ProviderUntrusted',
  foreign: 'ProviderAnswerInvalid',
}

type Circumstances = {
  /** The address without its query. */
  readonly place: string
  readonly ended: ReturnType<Deadline['ended']>
  readonly connectTimeout: Milliseconds
  readonly totalTimeout: Milliseconds
}

/** Any throw as a Failure. The errors of `node:https` may quote addresses with all that is in them: none is kept. */
export function explain(thrown: unknown, { place, ended, connectTimeout, totalTimeout }: Circumstances): Failure {
  if (thrown instanceof Failure) return thrown
  const endings = {
    connect: `no connection within ${connectTimeout} ms`,
    total: `no answer within ${totalTimeout} ms`,
    caller: 'no answer before the attempt was given up',
  }
  if (ended !== undefined) return new Failure({ code: 'ProviderTimeout', message: `${place}: ${endings[ended]}` })
  const found = toNetworkTrouble(reasonOf(thrown))
  if (found === undefined) return toFailure(thrown)
  return new Failure({ code: codes[found.trouble], message: `${place}: ${found.sentence}` })
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name
}

/** `problem` is the end of the sentence "the answer …", and quotes nothing of it. */
export const answerInvalid = (place: string, problem: string): Failure =>
  new Failure({ code: 'ProviderAnswerInvalid', message: `the answer of ${place} ${problem}` })

/** Where to is said without the query, in which a login page gets whatever it was sent. */
export function redirected(place: string, status: number, location: string | undefined): Failure {
  const url = location === undefined || !URL.canParse(location, place) ? undefined : new URL(location, place)
  const target = url === undefined ? '' : ` to ${redact(printable(`${url.origin}${url.pathname}`), [], 200)}`
  return new Failure({ code: 'ProviderRedirects', message: `${place} redirects (HTTP ${status})${target}` })
}
