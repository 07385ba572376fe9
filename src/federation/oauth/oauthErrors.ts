import { type Code, Failure, toFailure } from '../../errors/index.ts'
import { redact } from '../index.ts'
import { type Answer, checkAvailable, invalid, readObject } from './answers.ts'

/** RFC 6749, sections 5.2 and 4.1.2.1; RFC 8693, section 2.2.2; RFC 8707, section 2; RFC 8628, section 3.5. */
const codes: ReadonlyMap<string, Code> = new Map([
  ['invalid_client', 'ProviderClientRejected'],
  ['unauthorized_client', 'ProviderClientNotAllowed'],
  ['access_denied', 'ProviderClientNotAllowed'],
  ['invalid_scope', 'ProviderScopeRejected'],
  ['invalid_target', 'ProviderScopeRejected'],
  ['invalid_resource', 'ProviderScopeRejected'],
  ['invalid_grant', 'ProviderSubjectRejected'],
  ['unsupported_grant_type', 'ProviderGrantUnsupported'],
  ['slow_down', 'ProviderThrottled'],
  ['temporarily_unavailable', 'ProviderUnavailable'],
  ['server_error', 'ProviderUnavailable'],
])

/**
 * An answer of the token endpoint that is not a success, as our Failure: the server's words in it, without `secrets` and
 * whatever looks like one.
 */
export function toProviderFailure(answer: Answer, secrets: readonly string[]): Failure {
  try {
    return explain(answer, secrets)
  } catch (thrown) {
    return toFailure(thrown)
  }
}

function explain(answer: Answer, secrets: readonly string[]): Failure {
  const { place, status } = answer
  const { error, error_description: description } = readError(answer)
  if (typeof error !== 'string') {
    checkAvailable(answer)
    return invalid(place, `is HTTP ${status} without an error of OAuth 2.0`)
  }
  const words = typeof description === 'string' ? `: ${redact(description, secrets)}` : ''
  const said = ` with ${redact(error, secrets, 80)}${words}`
  checkAvailable(answer, said)
  const code = codes.get(error) ?? 'ProviderRequestRejected'
  return new Failure({ code, message: `${place} answered HTTP ${status}${said}` })
}

/** A page of what stands before the server is known by its status, where that says that it is busy or broken. */
function readError(answer: Answer): ReturnType<typeof readObject> {
  try {
    return readObject(answer)
  } catch (thrown) {
    checkAvailable(answer)
    throw thrown
  }
}
