import { type Code, Failure } from '../errors/index.ts'

/** What can happen on the way to a server; `foreign` is a server that does not speak https. */
export type NetworkTrouble = 'timeout' | 'unreachable' | 'untrusted' | 'foreign'

type Row = { readonly reason: RegExp; readonly trouble: NetworkTrouble; readonly sentence: string }

/** What the system, TLS and the HTTP parser call it. The first row that fits counts. */
const rows: readonly Row[] = [
  {
    reason: /^(ETIMEDOUT|ESOCKETTIMEDOUT|TimeoutError|AbortError|ABORT_ERR)$/,
    trouble: 'timeout',
    sentence: 'no answer in time',
  },
  {
    reason: /^(ENOTFOUND|EAI_\w+|ECONN\w+|EPIPE|EHOST\w+|ENET\w+|EADDR\w+|EACCES|EPERM)$/,
    trouble: 'unreachable',
    sentence: 'no connection, or it broke',
  },
  { reason: /^ERR_PROXY_/, trouble: 'unreachable', sentence: 'the proxy makes no connection' },
  {
    reason:
      /CERT|^(UNABLE_TO_|SELF_SIGNED|ERR_TLS_)|^(INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)$/,
    trouble: 'untrusted',
    sentence: 'the certificate is not trusted',
  },
  {
    reason: /^(EPROTO|ERR_SSL_|HPE_)/,
    trouble: 'foreign',
    sentence: 'what listens there does not speak https',
  },
]

/** What happened, and in words; undefined for what did not come from the network. */
export function toNetworkTrouble(
  reason: string,
): { readonly trouble: NetworkTrouble; readonly sentence: string } | undefined {
  const row = rows.find((each) => each.reason.test(reason))
  return row === undefined ? undefined : { trouble: row.trouble, sentence: `${row.sentence} (${reason})` }
}

const stsCodes: Readonly<Record<NetworkTrouble, Code>> = {
  timeout: 'StsTimeout',
  unreachable: 'StsUnreachable',
  untrusted: 'StsUntrusted',
  foreign: 'StsAnswerInvalid',
}

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
  const found = toNetworkTrouble(reason)
  if (found === undefined) return undefined
  return new Failure({
    code: stsCodes[found.trouble],
    message: `${endpoint} for ${roleArn}: ${detail ?? found.sentence}`,
  })
}
