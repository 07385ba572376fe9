import type { ReplyCode } from '../endpoint/index.ts'
import type { UserCode } from '../errors/index.ts'
import type { UserRequest } from './types.ts'

/**
 * The contract with apps, declared once: what can be asked for, and how each answer looks. It is no protocol of any SDK, and
 * its answer has the form of none, so that no chain of credential providers can ever take a user's credentials for the app's.
 */
export const USER_PATH = '/v1/user-credentials'

/** STS takes tokens of 4 to 20,000 characters; the names, a nonce and JSON itself go beside them. */
export const LONGEST_TOKEN = 20_000
/** In bytes. */
export const MOST_BODY = 22_528

type Field = {
  readonly required: boolean
  readonly pattern: RegExp
  /** What it must be, as in "must be …". */
  readonly form: string
  readonly doc: string
}

const name = { pattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, form: 'a name of 1 to 63 characters from a-z 0-9 -' }

/** The fields of a request; all are texts, none may come twice, and there are no others. */
export const requestFields = {
  provider: { ...name, required: true, doc: "Who vouches for the user: a name of the operator's userProviders." },
  role: { ...name, required: true, doc: "What the user is to have: a name of the operator's userRoles." },
  token: {
    required: true,
    pattern: /^[\x21-\x7e]{4,20000}$/,
    form: `a text of 4 to ${LONGEST_TOKEN} characters without white space`,
    doc: "The ID token of the user's login; of Amazon and Facebook the access token.",
  },
  nonce: {
    required: false,
    pattern: /^[\x20-\x7e]{1,512}$/,
    form: 'a text of 1 to 512 printable characters',
    doc: 'What the app sent along with the login as `nonce`; required, unless the operator says otherwise.',
  },
} as const satisfies Record<keyof UserRequest, Field>

/** What a success holds, by its path in the JSON. */
export const answerFields = {
  user: "The user's name for machines, always the same: the session's name, and what `{user}` in a session policy stands for.",
  role: 'The name that was asked for.',
  'credentials.accessKeyId': 'The credentials.',
  'credentials.secretAccessKey': '',
  'credentials.sessionToken': '',
  'credentials.expiration': 'When they end: `YYYY-MM-DDTHH:MM:SSZ`.',
} as const

export type UserReplyRow = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** What to change, where it is something else here than at the sidecar's endpoint. */
  readonly fix?: string
}

// What breaks the framing, or comes from where no app is, leaves nothing worth keeping the connection for.
const close = { Connection: 'close' }
const URL_FIX = 'Use LANYARD_USER_CREDENTIALS_URL as it is.'
const TOKEN_FIX =
  'Send the content of the file LANYARD_USER_CREDENTIALS_TOKEN_FILE as the header Authorization, as it is.'

/**
 * Every answer of the broker's own, once. What a provider or STS is the cause of is 503 with a Retry-After where it passes by
 * itself, else 502.
 */
export const userReplies = {
  Success: { status: 200 },
  RequestMalformed: {
    status: 400,
    headers: close,
    fix: 'Send a plain HTTP/1.1 request with a Content-Length and no Transfer-Encoding.',
  },
  UserRequestInvalid: { status: 400 },
  UserProviderUnknown: { status: 400 },
  UserRoleUnknown: { status: 400 },
  UserNonceMissing: { status: 400 },
  EndpointTokenMissing: { status: 401, fix: TOKEN_FIX },
  EndpointTokenWrong: { status: 401, fix: TOKEN_FIX },
  UserNonceWrong: { status: 401 },
  UserTokenMalformed: { status: 401 },
  UserTokenAlgorithm: { status: 401 },
  UserTokenKeyForeign: { status: 401 },
  UserTokenKeyUnknown: { status: 401 },
  UserTokenForged: { status: 401 },
  UserTokenIssuer: { status: 401 },
  UserTokenExpired: { status: 401 },
  UserTokenTooOld: { status: 401 },
  UserTokenNotYetValid: { status: 401 },
  UserTokenClaims: { status: 401 },
  UserTokenRefused: { status: 401 },
  HostRefused: { status: 403, headers: close, fix: URL_FIX },
  OriginRefused: { status: 403, headers: close },
  ForwardedRefused: { status: 403, headers: close },
  UserTokenAudience: { status: 403 },
  UserRoleDenied: { status: 403 },
  PathUnknown: { status: 404, fix: URL_FIX },
  MethodRefused: { status: 405 },
  UserRequestTooLarge: { status: 413, headers: close },
  UserContentTypeWrong: { status: 415, headers: close },
  UserRateExceeded: { status: 429 },
  BrokerRateExceeded: { status: 429 },
  Internal: { status: 500, headers: close },
  UserProviderInvalid: { status: 502 },
} as const satisfies Record<UserCode | Exclude<ReplyCode, NotHere>, UserReplyRow>

/** Of the sidecar's endpoint alone. */
type NotHere = 'CredentialsNotReady' | 'ImdsTtlInvalid' | 'ImdsTokenMissing' | 'ImdsTokenWrong'
