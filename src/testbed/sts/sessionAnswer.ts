import { StsFailure } from './failure.ts'
import { assumedRoleArn } from './identifiers.ts'
import type { RoleRequest } from './roleRequest.ts'
import type { SessionTags } from './tags.ts'
import type { Account, ActionContext, KnownRole, Session } from './types.ts'
import type { XmlElement } from './xml.ts'

/** A session that has been allowed. */
export type Allowed = {
  role: KnownRole
  name: string
  request: RoleRequest
  tags: SessionTags
  sourceIdentity: string | undefined
  /** Epoch milliseconds beyond which it must not last, where something says so. */
  latest?: number | undefined
}

/** @throws StsFailure ValidationError when the role does not last so long. */
export function checkDuration(role: KnownRole, { duration }: RoleRequest): void {
  if (duration <= role.maxSessionDuration) return
  const message = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'
  throw new StsFailure('ValidationError', message)
}

/** Issues credentials that last as asked, or shorter by a fault or by what vouched for them. */
export function issueSession(allowed: Allowed, { now, sessionLimit, sessions }: ActionContext): Session {
  const { role, name, request, tags, sourceIdentity, latest = Number.POSITIVE_INFINITY } = allowed
  const seconds = Math.floor(now / 1000) + Math.min(request.duration, sessionLimit)
  const expiration = Math.min(seconds, Math.floor(latest / 1000)) * 1000
  const { policy, policyArns } = request
  return sessions.issue({ role, name, expiration, tags, sourceIdentity, policy, policyArns })
}

function writeExpiration(instant: number, { dialect }: Account): string {
  const text = new Date(instant).toISOString()
  return text.replace('.000Z', dialect.expiration === 'nanoseconds' ? '.000000000Z' : 'Z')
}

/** The element `Credentials`. */
export function describeCredentials(session: Session, account: Account): XmlElement {
  return [
    'Credentials',
    [
      ['AccessKeyId', session.accessKeyId],
      ['SecretAccessKey', session.secretAccessKey],
      ['SessionToken', session.sessionToken],
      ['Expiration', writeExpiration(session.expiration, account)],
    ],
  ]
}

/** The element `AssumedRoleUser`, as far as the dialect has it. */
export function describeUser({ role, name }: Session, account: Account): XmlElement[] {
  const { assumedRoleUser } = account.dialect
  if (assumedRoleUser === 'absent') return []
  const write = (text: string): string => (assumedRoleUser === 'empty' ? '' : text)
  return [
    [
      'AssumedRoleUser',
      [
        ['AssumedRoleId', write(`${role.id}:${name}`)],
        ['Arn', write(assumedRoleArn(account, role, name))],
      ],
    ],
  ]
}

/** An element whose text may be missing, and then it is missing itself. */
export function optionalElement(name: string, text: string | number | undefined): XmlElement[] {
  return text === undefined ? [] : [[name, String(text)]]
}
