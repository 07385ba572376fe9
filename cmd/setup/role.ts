import process from 'node:process'
import { Failure } from '../../src/errors/index.ts'
import { issuerName } from '../../src/issuer/index.ts'
import {
  accountId,
  audience as audienceKind,
  containerNames,
  objectName,
  partition as partitionKind,
  policyArns,
  providerName,
} from '../../src/settings/index.ts'
import {
  accountObjects,
  ROLE_OUTPUTS,
  type Role,
  type RoleOutput,
  roleTexts,
  type Told,
} from '../../src/setup/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'
import { formatHelp } from '../../src/terminal/help.ts'
import { samlRecipient, subjectOf, type Trusted } from '../../src/trust/index.ts'
import { issuerOr } from './documents.ts'
import { type Account, accountKind, issuerKind, maxSessionKind, providerNameKind, roleNameKind } from './kinds.ts'
import { clusterFlags, issuerFlag, type OptionReader, readOptions } from './options.ts'
import { judgeIssuer, note } from './tell.ts'

const KINDS = ['oidc', 'saml'] as const
const USUAL = 'sts.amazonaws.com'

export const flags: readonly Flag[] = [
  { name: 'account', value: 'ID', doc: 'The AWS account of role and provider.', note: '(required)' },
  { name: 'partition', value: 'PARTITION', doc: 'aws, aws-cn, aws-us-gov.', note: '(default aws)' },
  { name: 'name', value: 'ROLE', doc: 'The name of the role.', note: '(required)' },
  { name: 'namespace', short: 'n', value: 'NAMESPACE', doc: 'Of the ServiceAccount that may have it.' },
  { name: 'service-account', value: 'NAME', doc: 'Its name.' },
  {
    name: 'for',
    value: 'NAMESPACE/NAME',
    repeated: true,
    doc: 'A ServiceAccount in one word; all that are given may have the role.',
    note: '(may be given several times)',
  },
  {
    name: 'containers',
    value: 'NAMES',
    doc: 'The containers that get it, separated by spaces.',
    note: '(default all)',
  },
  issuerFlag,
  ...clusterFlags,
  { name: 'audience', value: 'AUDIENCE', doc: 'Of the tokens.', note: `(default ${USUAL})` },
  {
    name: 'provider',
    value: 'KIND',
    doc: `${KINDS.join(' or ')}: by which IAM provider pods come.`,
    note: '(default oidc)',
  },
  { name: 'saml-provider', value: 'NAME', doc: "The IAM SAML provider's name, for --provider saml." },
  {
    name: 'identity-provider',
    value: 'NAME',
    doc: "The name of the operator's identity provider, where pods do not come by their ServiceAccount (lanyard.dev/identity-provider).",
  },
  {
    name: 'subject',
    value: 'SUBJECT',
    doc: "What that provider's tokens have as sub, with --identity-provider and OIDC.",
  },
  { name: 'max-session', value: 'DURATION', doc: 'The longest session that the role allows.', note: '(default 1h)' },
  { name: 'policy-arns', value: 'ARNS', doc: 'Managed policies to attach, separated by spaces: what the role may do.' },
  {
    name: 'output',
    value: 'FORMAT',
    doc: `${ROLE_OUTPUTS.join(', ')}. policy: the trust policy alone; json: for --cli-input-json; kubernetes: the ServiceAccounts with their annotations.`,
    note: '(default cli)',
  },
]

export const help = formatHelp({
  usage: 'lanyard setup role --account ID --name ROLE --for NAMESPACE/NAME [flags]',
  about:
    'Prints a role whose trust policy lets in the ServiceAccounts that are named, by the tokens of this cluster for this audience, and nobody else; and, with --output kubernetes, the annotations by which pods get it.',
  flags,
  after: [
    'Examples:',
    '  lanyard setup role --account 111122223333 --name web --for shop/web | sh',
    '  lanyard setup role --account 111122223333 --name web --for shop/web \\',
    '    --output kubernetes | kubectl apply -f -',
    '  lanyard setup role --account 111122223333 --name web --for shop/web \\',
    '    --containers app --max-session 4h --output terraform',
  ].join('\n'),
})

/** Prints a role. Throws Failure for what is called wrongly or cannot be read. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given)
  const output = options.choice('output', ROLE_OUTPUTS) ?? 'cli'
  const accounts = readAccounts(given, options)
  const name = options.required('name', roleNameKind, '')
  const account = options.required('account', accountId, '')
  const partition = options.text('partition', partitionKind) ?? 'aws'
  const maxSessionDuration = options.text('max-session', maxSessionKind) ?? 3_600
  const policies = options.text('policy-arns', policyArns) ?? []
  const told = readTold(options)
  const whom = readWhom(given, options, accounts)
  options.end()
  const trusted = await whom(`arn:${partition}:iam::${account}`, partition)
  const role: Role = { name, partition, account, trusted, maxSessionDuration, policyArns: policies }
  process.stdout.write(textOf(output, role, accounts, told))
  if (output === 'cli' && policies.length === 0)
    note('The role may do nothing yet: attach policies to it, or give --policy-arns.')
}

const textOf = (output: RoleOutput, role: Role, accounts: readonly Account[], told: Told): string =>
  output === 'kubernetes' ? accountObjects(role, accounts, told) : roleTexts(role)[output]

function readAccounts({ texts }: GivenFlags, options: OptionReader): readonly Account[] {
  const listed = options.list('for', accountKind)
  const hasPair = texts['namespace'] !== undefined || texts['service-account'] !== undefined
  const pair = hasPair
    ? [
        {
          namespace: options.required('namespace', objectName, ''),
          name: options.required('service-account', objectName, ''),
        },
      ]
    : []
  if (listed.length + pair.length === 0 && texts['for'] === undefined)
    options.refuse('for', 'nobody is named who may have the role', 'Give --for NAMESPACE/SERVICEACCOUNT')
  return [...listed, ...pair]
}

function readTold(options: OptionReader): Told {
  const containers = options.text('containers', containerNames)
  const audience = options.text('audience', audienceKind)
  const identityProvider = options.text('identity-provider', providerName)
  return {
    ...(containers !== undefined && { containers: containers.join(' ') }),
    ...(audience !== undefined && audience !== USUAL && { audience }),
    ...(identityProvider !== undefined && { identityProvider }),
  }
}

type Whom = (iam: string, partition: string) => Promise<Trusted>

function readWhom(flagsGiven: GivenFlags, options: OptionReader, accounts: readonly Account[]): Whom {
  const { texts } = flagsGiven
  if (options.choice('provider', KINDS) === 'saml') {
    const name = options.required('saml-provider', providerNameKind, '')
    if (texts['identity-provider'] === undefined)
      options.refuse('identity-provider', 'it is missing', "Name the operator's identity provider by which pods come")
    return async (iam, partition) => ({
      kind: 'saml',
      provider: `${iam}:saml-provider/${name}`,
      recipient: recipientOf(partition),
    })
  }
  const [given, audience] = [options.text('issuer', issuerKind), options.text('audience', audienceKind) ?? USUAL]
  const { subject } = texts
  const isOther = texts['identity-provider'] !== undefined
  if (isOther && (subject === undefined || given === undefined))
    options.refuse(
      'identity-provider',
      'who is let in is not known',
      "Give --issuer and --subject, as that provider's tokens have them",
    )
  if (!isOther && subject !== undefined)
    options.refuse('subject', 'it is of tokens of another provider', 'Give --identity-provider too, or --for')
  if (subject !== undefined && /[*?]|^$/.test(subject))
    options.refuse('subject', 'it has a wildcard, or nothing', 'Give one whole subject')
  const [first = '', ...others] =
    subject !== undefined ? [subject] : accounts.map((each) => subjectOf(each.namespace, each.name))
  return async (iam) => {
    const issuer = await issuerOr(given, flagsGiven)
    judgeIssuer(issuer)
    return {
      kind: 'oidc',
      provider: `${iam}:oidc-provider/${issuerName(issuer)}`,
      audience,
      subjects: [first, ...others],
    }
  }
}

function recipientOf(partition: string): string {
  const known = samlRecipient(partition)
  if (known !== undefined) return known
  throw new Failure({
    code: 'SettingInvalid',
    field: '--partition',
    message: `where assertions are sent for ${partition} is not known here`,
    fix: "Write the role of the partition aws, and put that of AWS's sign-in page into SAML:aud",
  })
}
