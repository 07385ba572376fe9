import type { WebIdentityRequest } from '../federation/index.ts'

/** STS API, AssumeRoleWithWebIdentity, as `application/x-www-form-urlencoded`. */
export function formOf(request: WebIdentityRequest): string {
  const { roleArn, roleSessionName, token, durationSeconds, providerId, policy, policyArns = [] } = request
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['Action', 'AssumeRoleWithWebIdentity'],
    ['Version', '2011-06-15'],
    ['RoleArn', roleArn],
    ['RoleSessionName', roleSessionName],
    ['WebIdentityToken', token],
    ['ProviderId', providerId],
    ['DurationSeconds', String(durationSeconds)],
    ['Policy', policy],
    ...policyArns.map((arn, index) => [`PolicyArns.member.${index + 1}.arn`, arn] as const),
  ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encode(value)}`])).join('&')
}

/** Ceph reads %20 and not the plus. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
