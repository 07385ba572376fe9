import { type Code, Failure, toFailure } from '../errors/index.ts'
import type { ClusterRequest, Milliseconds } from './types.ts'

type Row = { readonly reason: RegExp; readonly code: Code; readonly sentence: string }

/** What the system, TLS and the HTTP parser call it. The first row that fits counts. */
const rows: readonly Row[] = [
  {
    reason:
      /^(E(TIMEDOUT|NOTFOUND|AI_|CONN|PIPE|HOST|NET|ADDR|ACCES|PERM|MFILE|NFILE)|ERR_STREAM_PREMATURE_CLOSE|ABORT_ERR)/,
    code: 'ClusterUnreachable',
    sentence: 'there is no connection, or it broke',
  },
  {
    reason: /CERT|^(UNABLE_TO_|SELF_SIGNED|ERR_TLS_)|^(INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)$/,
    code: 'ClusterAnswerInvalid',
    sentence: 'the certificate of what answers is not trusted',
  },
  { reason: /^(EPROTO|ERR_SSL_|HPE_)/, code: 'ClusterAnswerInvalid', sentence: 'what answers does not speak https' },
]

/** A Failure that names the object and the verb. */
export const failureOf = (code: Code, { title, verb }: ClusterRequest, message: string): Failure =>
  new Failure({ code, field: title, message: `${verb}: ${message}` })

export const invalidAnswer = (request: ClusterRequest, message: string): Failure =>
  failureOf('ClusterAnswerInvalid', request, message)

export const outOfTime = (request: ClusterRequest, after: Milliseconds): Failure =>
  failureOf('ClusterUnreachable', request, `no whole answer within ${after / 1_000} s`)

/** Whatever an exchange threw. Errors of the system are told by their code alone. */
export function explainThrown(thrown: unknown, request: ClusterRequest): Failure {
  if (thrown instanceof Failure) return thrown
  const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  const row = rows.find((each) => each.reason.test(reason))
  return row === undefined ? toFailure(thrown) : failureOf(row.code, request, `${row.sentence} (${reason})`)
}

/** The same for an exchange that had so much time, if that is over: what is known better than that stays. */
export const explainEnd = (thrown: unknown, request: ClusterRequest, over: Milliseconds | undefined): Failure =>
  over === undefined || thrown instanceof Failure ? explainThrown(thrown, request) : outOfTime(request, over)

const longestQuote = 300
/** No run of so many characters of a secret is quoted. */
const partLength = 8

/** The server's own words on one line; '' where they hold a part of a secret, which a hostile one may send back. */
export function quote(text: unknown, secrets: readonly string[]): string {
  if (typeof text !== 'string') return ''
  const plain = text
    .slice(0, longestQuote)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  const parts = Array.from({ length: Math.max(0, plain.length - partLength + 1) }, (_, at) =>
    plain.slice(at, at + partLength),
  )
  const leaks = parts.some((part) => secrets.some((secret) => secret.includes(part)))
  if (leaks) return ''
  return text.length <= longestQuote ? plain : `${plain}…`
}
