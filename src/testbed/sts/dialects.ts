import { TestbedError } from '../errors.ts'

/** How an STS differs from AWS's, as its clients see it. */
export type Dialect = {
  /** What it can be asked for. */
  actions: readonly string[]
  /** `bare`: the `Error` element is the document, without a wrapper, a namespace or a message. */
  errors: 'wrapped' | 'bare'
  /** `denied`: whatever is wrong with a token is AccessDenied. */
  refusals: 'named' | 'denied'
  /** `nanoseconds`: `2026-01-15T13:00:00.000000000Z`. */
  expiration: 'seconds' | 'nanoseconds'
  /** `empty`: its elements are there, without text. */
  assumedRoleUser: 'filled' | 'empty' | 'absent'
  /** What stands in ARNs where AWS has the account. */
  account: 'digits' | 'none'
  /** In the ARNs of roles; without it, the account's. */
  partition?: string
  /** `literal`: a plus sign in a form body stays one, so that a space has to come as `%20`. */
  plus: 'space' | 'literal'
}

/** The servers whose ways are known here. */
export type DialectName = 'aws' | 'ceph' | 'minio' | 'seaweedfs'

const webIdentity = 'AssumeRoleWithWebIdentity'
const aws: Dialect = {
  actions: ['AssumeRole', 'AssumeRoleWithSAML', webIdentity, 'GetCallerIdentity'],
  errors: 'wrapped',
  refusals: 'named',
  expiration: 'seconds',
  assumedRoleUser: 'filled',
  account: 'digits',
  plus: 'space',
}

/** What each says otherwise than AWS. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  aws,
  ceph: {
    ...aws,
    actions: ['AssumeRole', webIdentity],
    errors: 'bare',
    refusals: 'denied',
    expiration: 'nanoseconds',
    account: 'none',
    plus: 'literal',
  },
  minio: {
    ...aws,
    actions: ['AssumeRole', webIdentity],
    assumedRoleUser: 'empty',
    account: 'none',
    partition: 'minio',
  },
  seaweedfs: { ...aws, actions: ['AssumeRole', webIdentity, 'GetCallerIdentity'] },
}

/** @throws TestbedError for a name that is not known. */
export function findDialect(given: DialectName | Partial<Dialect> = 'aws'): Dialect {
  if (typeof given !== 'string') return { ...aws, ...given }
  if (!Object.hasOwn(dialects, given)) {
    throw new TestbedError(`dialect: ${given} is not one of ${Object.keys(dialects).join(', ')}`)
  }
  return dialects[given]
}
