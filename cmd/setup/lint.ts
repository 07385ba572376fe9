import process from 'node:process'
import { Failure, failOn, type Problem, toFailure } from '../../src/errors/index.ts'
import { readInputs } from '../../src/manifests/index.ts'
import { audience as audienceKind, type Kind, textKind } from '../../src/settings/index.ts'
import { findPolicies, formatLint, type Linted, lintJson } from '../../src/setup/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'
import { formatHelp } from '../../src/terminal/help.ts'
import { styleFor } from '../../src/terminal/style.ts'
import { type Expected, lintPolicy, subjectOf } from '../../src/trust/index.ts'
import { EXIT } from '../run.ts'
import { issuerOr } from './documents.ts'
import { accountKind, issuerKind } from './kinds.ts'
import { clusterFlags, readOptions } from './options.ts'

export const operands = { name: 'FILE', most: Number.POSITIVE_INFINITY }

export const flags: readonly Flag[] = [
  {
    name: 'for',
    value: 'NAMESPACE/NAME',
    // Of two the last one would count, and nobody be told.
    repeated: true,
    doc: 'The ServiceAccount that should have the role: does the policy let it in?',
  },
  {
    name: 'issuer',
    value: 'URL',
    doc: "The issuer of the cluster's tokens.",
    note: '(default with --for: what the cluster of KUBECONFIG says)',
  },
  { name: 'audience', value: 'AUDIENCE', doc: 'Of the tokens.', note: '(default sts.amazonaws.com, with --for)' },
  { name: 'role-arn', value: 'ARN', doc: 'The role whose policy it is, where the file does not say it.' },
  ...clusterFlags,
  { name: 'json', doc: 'One JSON object, for scripts.' },
]

export const help = formatHelp({
  usage: 'lanyard setup lint FILE... [flags]',
  about:
    'Finds in trust policies what lets in more than is meant, and says by which attack; with --for also whether the one who should have the role gets in. FILE, a folder of them, or - for the standard input, is a policy as JSON, or what aws iam get-role, list-roles and get-account-authorization-details print.',
  flags,
  after: [
    'Examples:',
    '  aws iam get-role --role-name web | lanyard setup lint - --for shop/web \\',
    '    --issuer https://oidc.example.com/shop',
    '  aws iam get-account-authorization-details --filter Role | lanyard setup lint -',
    '',
    'Exit codes: 0 nothing that lets in too many or keeps out, 1 holes, 2 called wrongly.',
  ].join('\n'),
})

const roleArn: Kind<string> = textKind(
  'the ARN of an IAM role',
  'arn:aws:iam::111122223333:role/web',
  /^arn:[^:]+:iam::[^:]*:role\/.+$/,
)

/** Lints trust policies. Throws Failure for what is called wrongly or is no policy. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given)
  const [account, ...others] = options.list('for', accountKind)
  if (others.length > 0) options.refuse('for', 'it is given more than once', 'Lint once for each ServiceAccount')
  const said = options.text('issuer', issuerKind)
  const audience = options.text('audience', audienceKind) ?? (account && 'sts.amazonaws.com')
  const arn = options.text('role-arn', roleArn)
  options.end()
  if (given.operands.length === 0) throw missing
  const files = await readInputs(given.operands, { field: 'FILE', stdin: process.stdin })
  const issuer = account === undefined ? said : await issuerOr(said, given)
  const expected: Expected = {
    ...(issuer !== undefined && { issuer }),
    ...(account !== undefined && { subject: subjectOf(account.namespace, account.name) }),
    ...(audience !== undefined && { audience }),
  }
  const problems: Problem[] = []
  const policies = files.flatMap(({ name, text }) => {
    try {
      return findPolicies(text, name)
    } catch (thrown) {
      problems.push(...toFailure(thrown).problems)
      return []
    }
  })
  const linted = policies.map(({ title, roleArn: own, document }): Linted => {
    const role = own ?? arn
    return { title, findings: lintPolicy(document, { ...expected, ...(role !== undefined && { roleArn: role }) }) }
  })
  if (linted.length > 0)
    process.stdout.write(given.switches.has('json') ? lintJson(linted) : formatLint(linted, styleFor(process.stdout)))
  // What is no policy keeps no other from being judged.
  failOn(problems)
  if (linted.some(({ findings }) => findings.some(({ verdict }) => verdict === 'fail'))) process.exitCode = EXIT.failed
}

const missing = new Failure({
  code: 'SettingMissing',
  field: 'FILE',
  message: 'nothing says which policy to look at',
  fix: 'Give a file, or - for the standard input',
})
