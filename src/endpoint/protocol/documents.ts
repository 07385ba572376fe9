import type { CredentialsView, Instant } from '../../credentials/types.ts'

export type Held = Extract<CredentialsView, { kind: 'held' }>

/** What every client reads of credentials; in the container protocol that is all. */
export function formatCredentials({ credentials, expires }: Held, more: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({
    Code: 'Success',
    ...more,
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    Token: credentials.sessionToken,
    Expiration: formatInstant(expires),
    // Servers other than AWS's may have none, and an SDK takes an empty one at its word.
    ...(credentials.accountId !== '' && { AccountId: credentials.accountId }),
    RoleArn: credentials.roleArn,
  })
}

/** As EC2 says it (Amazon EC2 User Guide, Retrieve security credentials from instance metadata). */
export const formatImdsCredentials = (held: Held): string =>
  formatCredentials(held, {
    LastUpdated: formatInstant(held.credentials.issued - held.credentials.skew),
    Type: 'AWS-HMAC',
  })

/** What of the instance identity document a pod has. */
export const formatIdentity = (accountId: string, region: string): string =>
  JSON.stringify({ accountId, availabilityZone: zoneOf(region), region, version: '2017-09-30' })

export const zoneOf = (region: string): string => `${region}a`

/** Whether anything is left of it once its expiry is told in whole seconds. */
export const isHeld = (view: CredentialsView, now: Instant): view is Held =>
  view.kind === 'held' && Math.floor(view.expires / 1_000) * 1_000 > now

/** The last instant that four digits of a year can say. */
const LAST_INSTANT: Instant = 253_402_300_799_000

/**
 * `YYYY-MM-DDTHH:MM:SSZ`. Without a fraction, for Swift's SDK takes a date with one for none, and then keeps the
 * credentials for ever; rounded down, so that it never promises more than there is.
 */
export function formatInstant(instant: Instant): string {
  return `${new Date(Math.min(instant, LAST_INSTANT)).toISOString().slice(0, 19)}Z`
}
