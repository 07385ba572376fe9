import process from 'node:process'
import { audience } from '../../src/settings/index.ts'
import { IAM_OUTPUTS, type Provider, providerTexts } from '../../src/setup/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'
import { formatHelp } from '../../src/terminal/help.ts'
import { readText } from '../configFile.ts'
import { issuerOr } from './documents.ts'
import { issuerKind, providerNameKind } from './kinds.ts'
import { clusterFlags, issuerFlag, type OptionReader, readOptions } from './options.ts'
import { judgeIssuer } from './tell.ts'

const KINDS = ['oidc', 'saml'] as const

export const flags: readonly Flag[] = [
  { name: 'provider', value: 'KIND', doc: `${KINDS.join(' or ')}.`, note: '(default oidc)' },
  issuerFlag,
  ...clusterFlags,
  {
    name: 'audience',
    value: 'AUDIENCE',
    repeated: true,
    doc: 'The client IDs of the provider: the audiences of the tokens.',
    note: '(default sts.amazonaws.com; may be given several times)',
  },
  { name: 'name', value: 'NAME', doc: 'Of a SAML provider.' },
  { name: 'saml-metadata', value: 'FILE', doc: 'The metadata of the SAML identity provider, XML.' },
  {
    name: 'output',
    value: 'FORMAT',
    doc: `${IAM_OUTPUTS.join(', ')}; json is for --cli-input-json.`,
    note: '(default cli)',
  },
]

export const help = formatHelp({
  usage: 'lanyard setup provider [flags]',
  about:
    "Prints the IAM provider that an AWS account needs once, before its roles can trust anybody of the cluster's issuer, or of a SAML identity provider. IAM finds the issuer's certificate itself, so no thumbprint is given.",
  flags,
  after: [
    'Examples:',
    '  lanyard setup provider | sh',
    '  lanyard setup provider --issuer https://oidc.example.com/shop --output terraform',
    '  lanyard setup provider --provider saml --name corporate --saml-metadata idp.xml',
  ].join('\n'),
})

/** Prints an IAM provider. Throws Failure for what is called wrongly or cannot be read. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given)
  const kind = options.choice('provider', KINDS) ?? 'oidc'
  const output = options.choice('output', IAM_OUTPUTS) ?? 'cli'
  const provider = kind === 'saml' ? readSaml(given, options) : await readOidc(given, options)
  process.stdout.write(providerTexts(provider)[output])
}

async function readOidc(flagsGiven: GivenFlags, options: OptionReader): Promise<Provider> {
  const { texts } = flagsGiven
  const audiences = options.list('audience', audience)
  const given = options.text('issuer', issuerKind)
  for (const name of ['name', 'saml-metadata'])
    if (texts[name] !== undefined) options.refuse(name, 'it is for SAML', 'Give --provider saml too')
  options.end()
  const issuer = await issuerOr(given, flagsGiven)
  judgeIssuer(issuer)
  return { kind: 'oidc', issuer, audiences: audiences.length === 0 ? ['sts.amazonaws.com'] : audiences }
}

function readSaml({ texts }: GivenFlags, options: OptionReader): Provider {
  const name = options.required('name', providerNameKind, '')
  const metadataFile = texts['saml-metadata'] ?? ''
  if (metadataFile === '')
    options.refuse('saml-metadata', 'it is missing', 'Give the file that the identity provider hands out')
  for (const flag of ['issuer', 'audience'])
    if (texts[flag] !== undefined) options.refuse(flag, 'it is for OIDC', 'Leave it out')
  options.end()
  const metadata = readText(metadataFile, '--saml-metadata')
  if (!/EntityDescriptor/.test(metadata))
    options.refuse('saml-metadata', 'it has no EntityDescriptor', 'Give the metadata of a SAML identity provider')
  options.end()
  return { kind: 'saml', name, metadata, metadataFile }
}
