import type { Instant, Milliseconds } from '../credentials/types.ts'
import { Failure } from '../errors/index.ts'
import { type IdentityToken, parseIdentityToken } from './jwt.ts'
import { printable } from './redact.ts'

/** Where an identity token comes from; every call yields one that is worth sending. Throws Failure. */
export type TokenSource = (signal: AbortSignal) => Promise<IdentityToken>

export type FileTokenOptions = {
  readonly path: string
  /** Reads a file as UTF-8; rejects with an error whose `code` is the system's (ENOENT, EACCES). */
  readonly read: (path: string, signal: AbortSignal) => Promise<string>
  /** The audience that the IAM OIDC provider expects. */
  readonly audience: string
  /** The issuer that it must have, exactly; without it, any that STS could ask. */
  readonly issuer?: string
  readonly now: () => Instant
}

/** STS API, AssumeRoleWithWebIdentity: WebIdentityToken, maximum length. */
const maxTokenLength = 20_000
/** IAM takes a token up to five minutes past its `exp`. */
const expiryGrace: Milliseconds = 300_000

/**
 * A token source that reads the projected service account token anew for every exchange, since kubelet replaces it, and
 * refuses what STS would refuse, with the precise reason. No message holds any part of the token.
 */
export function fileTokenSource(options: FileTokenOptions): TokenSource {
  return async (signal) => {
    const token = parseIdentityToken(checkSize(await readToken(options, signal), options.path), options.path)
    checkClaims(token, options)
    return token
  }
}

async function readToken({ path, read }: FileTokenOptions, signal: AbortSignal): Promise<string> {
  try {
    return (await orAborted(read(path, signal), signal)).replace(/\r?\n$/, '')
  } catch (thrown) {
    const reason = signal.aborted ? 'no answer in time' : systemCode(thrown)
    if (reason === 'ENOENT' || reason === 'ENOTDIR') {
      throw new Failure({ code: 'TokenFileMissing', message: `there is no file ${path}` })
    }
    throw new Failure({ code: 'TokenFileUnreadable', message: `${path} cannot be read (${reason})` })
  }
}

/** A file system may hang, and no signal reaches it then. */
function orAborted<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function checkSize(raw: string, path: string): string {
  if (raw.trim() === '') throw new Failure({ code: 'TokenEmpty', message: `${path} is empty` })
  if (raw.length <= maxTokenLength) return raw
  throw new Failure({ code: 'TokenTooLarge', message: `${path} holds ${raw.length} characters` })
}

function checkClaims(token: IdentityToken, { path, audience, issuer, now }: FileTokenOptions): void {
  const time = now()
  if (time > token.expires + expiryGrace) {
    const times = `expired at ${isoTime(token.expires)}, and it is ${isoTime(time)} now`
    throw new Failure({ code: 'TokenExpired', message: `the token in ${path} ${times}` })
  }
  checkAudience(token, path, audience)
  const isRight = issuer === undefined ? isIssuerUrl(token.issuer) : token.issuer === issuer
  if (!isRight) {
    const found = token.issuer === '' ? 'no issuer' : `the issuer ${printable(token.issuer)}`
    const expected = issuer ?? 'an https URL'
    throw new Failure({ code: 'TokenIssuer', message: `the token in ${path} has ${found}, expected ${expected}` })
  }
}

/** AWS IAM User Guide, Available keys for AWS OIDC federation: `:aud` is azp where the token has it. */
function checkAudience({ audiences, authorizedParty }: IdentityToken, path: string, audience: string): void {
  const meant = authorizedParty === undefined ? audiences : [authorizedParty]
  if (meant.includes(audience)) return
  const found = meant.length === 0 ? 'none' : printable(meant.join(', '))
  const name = authorizedParty === undefined ? 'audience' : 'authorized party (azp)'
  const message = `the token in ${path} has the ${name} ${found}, expected ${audience}`
  throw new Failure({ code: 'TokenAudience', message })
}

/** OpenID Connect Discovery 1.0, section 2: an https URL with neither query nor fragment. */
function isIssuerUrl(issuer: string): boolean {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && !/[?#\s]/.test(issuer)
}

/** The error's text may quote anything, so only its code is shown. */
function systemCode(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  if (typeof code === 'string') return printable(code)
  return thrown instanceof Error ? thrown.name : 'unknown error'
}

const isoTime = (instant: Instant): string => new Date(instant).toISOString()
