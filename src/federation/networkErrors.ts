import { type Code, Failure } from '../errors/index.ts'

type Row = { readonly reason: RegExp; readonly code: Code; readonly sentence: string }

/** What the system, TLS and the HTTP parser call it, and what we do. The first row that fits counts. */
const rows: readonly Row[] = [
  {
    reason: /^(ETIMEDOUT|ESOCKETTIMEDOUT|TimeoutError|AbortError|ABORT_ERR)$/,
    code: 'StsTimeout',
    sentence: 'no answer in time',
  },
  {
    reason: /^(ENOTFOUND|EAI_\w+|ECONN\w+|EPIPE|EHOST\w+|ENET\w+|EADDR\w+|EACCES|EPERM)$/,
    code: 'StsUnreachable',
    sentence: 'no connection, or it broke',
  },
  {
    reason:
      /CERT|^(UNABLE_TO_|SELF_SIGNED|ERR_TLS_)|^(INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)$/,
    code: 'StsUntrusted',
    sentence: 'the certificate is not trusted',
  },
  {
    reason: /^(EPROTO|ERR_SSL_|HPE_)/,
    code: 'StsAnswerInvalid',
    sentence: 'what listens there does not speak https',
  },
]

export type NetworkError = {
  /** The `code` of the error, else its name. */
  readonly reason: string
  /** What happened, where it is known better than the table knows it. */
  readonly detail?: string | undefined
  readonly endpoint: string
  readonly roleArn: string
}

/** What happened on the way to STS as our Failure; undefined for what did not come from the network. */
export function toNetworkFailure({ reason, detail, endpoint, roleArn }: NetworkError): Failure | undefined {
  const row = rows.find((each) => each.reason.test(reason))
  if (row === undefined) return undefined
  const happened = detail ?? `${row.sentence} (${reason})`
  return new Failure({ code: row.code, message: `${endpoint} for ${roleArn}: ${happened}` })
}
