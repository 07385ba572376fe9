import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authorization } from './authorization.ts'
import { readAuthorization } from './authorization.ts'
import { StsFailure } from './failure.ts'
import { computeSignature } from './signature.ts'
import type { ActionContext, Session, StsRequest } from './types.ts'

const quarterOfAnHour = 15 * 60 * 1000

function refuse(code: string, message: string): never {
  throw new StsFailure(code, message, { status: 403 })
}

/** Compares digests, so that neither content nor length shows in the time it takes. */
function isSame(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

/** `YYYYMMDDTHHMMSSZ` of an instant. */
function toTimestamp(instant: number): string {
  return new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function fromTimestamp(timestamp: string): number {
  return Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function findSession({ accessKeyId, sessionToken }: Authorization, { sessions, now }: ActionContext): Session {
  const session = sessions.find(accessKeyId)
  if (session === undefined || sessionToken === undefined || !isSame(sessionToken, session.sessionToken)) {
    refuse('InvalidClientTokenId', 'The security token included in the request is invalid.')
  }
  if (now >= session.expiration) refuse('ExpiredToken', 'The security token included in the request is expired')
  return session
}

function checkScope({ scope, expires }: Authorization, headers: StsRequest['headers']): void {
  const { date, service, timestamp, signedHeaders } = scope
  if (service !== 'sts') refuse('SignatureDoesNotMatch', "Credential should be scoped to correct service: 'sts'. ")
  if (timestamp.slice(0, 8) !== date) {
    const pair = `'${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`
    refuse(
      'SignatureDoesNotMatch',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${pair}`,
    )
  }
  if (!signedHeaders.includes('host')) {
    refuse('SignatureDoesNotMatch', "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
  }
  const needed = expires === undefined ? ['x-amz-date', 'x-amz-security-token'] : []
  const unsigned = needed.find((name) => headers.has(name) && !signedHeaders.includes(name))
  if (unsigned !== undefined) {
    refuse('SignatureDoesNotMatch', `'${unsigned}' must be a 'SignedHeader' in the AWS Authorization.`)
  }
}

function checkAge({ scope, expires }: Authorization, now: number): void {
  const signed = fromTimestamp(scope.timestamp)
  const lifetime = expires === undefined ? quarterOfAnHour : expires * 1000
  const minutes = `${Math.round(lifetime / 60_000)} min.`
  // Written so that a date which is none (month 13) is refused as well.
  if (!(signed >= now - lifetime)) {
    const limit = `${toTimestamp(now - lifetime)} (${toTimestamp(now)} - ${minutes})`
    refuse('SignatureDoesNotMatch', `Signature expired: ${scope.timestamp} is now earlier than ${limit}`)
  }
  if (signed > now + quarterOfAnHour) {
    const limit = `${toTimestamp(now + quarterOfAnHour)} (${toTimestamp(now)} + 15 min.)`
    refuse('SignatureDoesNotMatch', `Signature not yet current: ${scope.timestamp} is still later than ${limit}`)
  }
}

/**
 * Finds out whose request this is, by Signature Version 4.
 * @throws StsFailure with the code and the words that STS has for each way of being wrong.
 */
export function authenticate(request: StsRequest, context: ActionContext): Session {
  const authorization = readAuthorization(request)
  const session = findSession(authorization, context)
  checkScope(authorization, request.headers)
  checkAge(authorization, context.now)
  const expected = computeSignature(request, authorization.scope, session.secretAccessKey)
  if (!isSame(authorization.signature, expected)) {
    const advice = 'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
    refuse(
      'SignatureDoesNotMatch',
      `The request signature we calculated does not match the signature you provided. ${advice}`,
    )
  }
  return session
}
