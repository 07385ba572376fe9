import { StsFailure } from './failure.ts'
import type { RoleRequest } from './roleRequest.ts'
import { checkDuration } from './sessionAnswer.ts'
import type { SessionTags } from './tags.ts'
import { tagKeys } from './tags.ts'
import { isTrusted } from './trust.ts'
import type { Account, KnownRole } from './types.ts'

/** A caller without credentials of AWS, for whom a provider vouches. */
export type FederatedCaller = {
  /** `sts:AssumeRoleWithWebIdentity` or `sts:AssumeRoleWithSAML`. */
  action: string
  /** How trust policies name the provider. */
  federated: string
  /** Condition keys of what it vouched for. */
  keys: readonly (readonly [key: string, values: readonly string[]])[]
  sessionName: string
  tags: SessionTags
  sourceIdentity: string | undefined
}

function conditionKeys(caller: FederatedCaller): Map<string, readonly string[]> {
  const { federated, keys, sessionName, tags, sourceIdentity } = caller
  const all: (readonly [key: string, values: readonly string[]])[] = [
    ...keys,
    ...tagKeys(tags),
    ['aws:FederatedProvider', [federated]],
    ['sts:RoleSessionName', [sessionName]],
    ...(sourceIdentity === undefined ? [] : [['sts:SourceIdentity', [sourceIdentity]] as const]),
  ]
  return new Map(all.map(([key, values]) => [key.toLowerCase(), values]))
}

/** What a trust policy has to allow besides the operation itself. */
export function furtherActions({ values }: SessionTags, sourceIdentity: string | undefined): string[] {
  return [
    ...(values.size > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ]
}

/**
 * Finds the role that trusts the caller. An unknown role and a mistrusted caller get the same answer, so that nobody can
 * ask which roles there are.
 * @throws StsFailure AccessDenied, or ValidationError when the role does not last so long.
 */
export function authorizeFederated(account: Account, caller: FederatedCaller, request: RoleRequest): KnownRole {
  const { action, federated, tags, sourceIdentity } = caller
  const role = account.roles.get(request.roleArn)
  const keys = conditionKeys(caller)
  const principal = { kind: 'Federated' as const, names: [federated] }
  const isAllowed = (one: string): boolean =>
    role !== undefined && isTrusted(role.trustPolicy, { action: one, principal, keys })
  const denied = [action, ...furtherActions(tags, sourceIdentity)].find((one) => !isAllowed(one))
  if (role === undefined || denied !== undefined) {
    throw new StsFailure('AccessDenied', `Not authorized to perform ${denied ?? action}`, { status: 403 })
  }
  checkDuration(role, request)
  return role
}
