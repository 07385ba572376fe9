import { type Expected, lintPolicy } from '../../../src/trust/index.ts'

/** A policy that is right for one subject, and what changes it. */
export const NAME = 'oidc.example.com/clusters/shop'
export const PROVIDER = `arn:aws:iam::111122223333:oidc-provider/${NAME}`
export const SUBJECT = 'system:serviceaccount:shop:web'
export const right = { [`${NAME}:aud`]: 'sts.amazonaws.com', [`${NAME}:sub`]: SUBJECT }
export const expected: Expected = {
  roleArn: 'arn:aws:iam::111122223333:role/web',
  issuer: `https://${NAME}`,
  subject: SUBJECT,
  audience: 'sts.amazonaws.com',
}

export type Json = Readonly<Record<string, unknown>>
export const statement = (changes: Json = {}): Json => ({
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: right },
  ...changes,
})
export const policy = (...statements: readonly unknown[]): Json => ({ Version: '2012-10-17', Statement: statements })
export const under = (Condition: Json): Json => policy(statement({ Condition }))
export const without = (key: 'aud' | 'sub'): Json =>
  Object.fromEntries(Object.entries(right).filter(([name]) => name !== `${NAME}:${key}`))
export const sub = (value: string | readonly string[]): Json => ({ [`${NAME}:sub`]: value })
export const aud = { [`${NAME}:aud`]: 'sts.amazonaws.com' }

export const found = (document: unknown, who: Expected = expected): readonly string[] =>
  lintPolicy(document, who).map(({ verdict, code }) => `${verdict} ${code}`)
