import { quoted } from './conditions.ts'
import type { Statement } from './document.ts'
import { subjectKept } from './subject.ts'
import type { Expected, TrustFinding } from './types.ts'
import { nameOfProvider } from './write.ts'

/** Whether the one who should have the role gets in, as far as it is known who that is, and else why not. */
export function intendedFindings(statements: readonly Statement[], expected: Expected): readonly TrustFinding[] {
  const allowing = statements.filter(({ effect }) => effect === 'Allow')
  const partition = partitionFindings(allowing, expected)
  const name = expected.issuer?.replace(/^https:\/\//, '')
  if (name === undefined) return partition
  const own = allowing.filter(({ principals }) => principals.some(({ value }) => nameOfProvider(value) === name))
  if (own.length === 0) return [...partition, ...wrongIssuer(allowing, name)]
  return [...partition, ...otherIssuers(allowing, name), ...subjectKept(statements, own, { ...expected, name })]
}

/** It may be meant, but those who get in by it are not this cluster's. */
const otherIssuers = (allowing: readonly Statement[], name: string): readonly TrustFinding[] =>
  allowing.flatMap(({ at, principals }) =>
    principals
      .filter(({ value }) => (nameOfProvider(value) ?? name) !== name)
      .map(({ value }) => ({
        verdict: 'warn',
        code: 'TrustIssuerWrong',
        where: `${at}.Principal.Federated`,
        message: `it also trusts ${quoted(value)}, which is not the issuer of these tokens`,
        attack: 'Whoever can get a token of that issuer which fits its conditions can have the role.',
      })),
  )

/** A role trusts providers of its own account alone. */
function partitionFindings(allowing: readonly Statement[], { roleArn }: Expected): readonly TrustFinding[] {
  const [, partition, , , account] = roleArn?.split(':') ?? []
  if (partition === undefined || account === undefined) return []
  return allowing.flatMap(({ at, principals }) =>
    principals
      .filter(({ kind, value }) => kind === 'Federated' && value.startsWith('arn:'))
      .filter(({ value }) => !value.startsWith(`arn:${partition}:iam::${account}:`))
      .map(({ value }) => ({
        verdict: 'fail',
        code: 'TrustPartitionWrong',
        where: `${at}.Principal.Federated`,
        message: `${quoted(value)} is not in the partition ${partition} and the account ${account} of the role`,
      })),
  )
}

function wrongIssuer(allowing: readonly Statement[], name: string): readonly TrustFinding[] {
  const found = allowing.flatMap(({ at, principals }) =>
    principals.flatMap(({ value }) => {
      const trusted = nameOfProvider(value)
      return trusted === undefined ? [] : [{ at, trusted }]
    }),
  )
  const [first] = found
  const message =
    first === undefined
      ? `no OIDC provider is trusted, and tokens are of ${name}`
      : `it trusts ${quoted(first.trusted)}${nearly(first.trusted, name)}, and tokens are of ${quoted(name)}`
  const where = first === undefined ? 'Statement' : `${first.at}.Principal.Federated`
  const fix = first === undefined ? { fix: 'Add the statement that `lanyard setup role` prints.' } : {}
  return [{ verdict: 'fail', code: 'TrustIssuerWrong', where, message, ...fix }]
}

/** The mistakes that the eye does not see. */
function nearly(trusted: string, name: string): string {
  if (trusted.replace(/^https:\/\//, '') === name) return ' (with https://, which does not belong there)'
  if (trusted.replace(/\/$/, '') === name.replace(/\/$/, '')) return ' (a slash at the end is the difference)'
  return trusted.toLowerCase() === name.toLowerCase() ? ' (capitals are the difference)' : ''
}
