import { type Code, Failure, toFailure } from '../../errors/index.ts'
import { redact } from '../redact.ts'

type Origin = {
  /** Where it came from: an address, or a file. */
  readonly from: string
  /** What must not come back in a message. */
  readonly secrets?: readonly string[]
  /** Where that changes what it is. */
  readonly code?: Code | undefined
}

/** The same failure, its message begun by where it came from. */
export function withOrigin(thrown: unknown, { from, secrets = [], code }: Origin): Failure {
  const failure = toFailure(thrown)
  const [first = { code: failure.code, message: '' }, ...others] = failure.problems
  const message = `${from}: ${hide(first.message, secrets)}`
  return new Failure({ ...first, code: code ?? first.code, message }, ...others)
}

/** Words of an identity provider, fit for a message. A password may be short, and then no pattern knows it. */
export const foreignWords = (text: string, secrets: readonly string[], length: number): string =>
  redact(hide(text, secrets), secrets, length)

const hide = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[redacted]')), text)
