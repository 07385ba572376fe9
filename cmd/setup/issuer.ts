import process from 'node:process'
import type { Discovery } from '../../src/issuer/index.ts'
import { FLAGS_OUTPUTS, type FlagsOutput, flagsTexts, siteOf } from '../../src/setup/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'
import { formatHelp } from '../../src/terminal/help.ts'
import { checkPublished } from './check.ts'
import { type IssuerDocuments, readClusterDocuments, readFileDocuments } from './documents.ts'
import { issuerKind } from './kinds.ts'
import { clusterFlags, type OptionReader, readOptions } from './options.ts'
import { BUCKET_FLAGS, type Destination, readDestination, writeSite } from './publish.ts'
import { judgeIssuer, note } from './tell.ts'

export const flags: readonly Flag[] = [
  {
    name: 'issuer',
    value: 'URL',
    doc: 'The issuer that the cluster is to have, for --flags; the documents are read of whichever it has.',
  },
  {
    name: 'flags',
    value: 'FORMAT',
    doc: `Print how kube-apiserver is told that issuer: ${FLAGS_OUTPUTS.join(', ')}. No cluster is asked.`,
  },
  {
    name: 'keep-issuer',
    value: 'URL',
    repeated: true,
    doc: 'With --flags, an issuer that the cluster has had: tokens of it stay valid, so that running pods notice nothing.',
    note: '(may be given several times)',
  },
  ...BUCKET_FLAGS,
  { name: 'discovery-file', value: 'FILE', doc: "The cluster's discovery document, in place of asking the cluster." },
  { name: 'jwks-file', value: 'FILE', doc: "The cluster's JWKS, likewise." },
  ...clusterFlags,
  { name: 'check', doc: 'Read what is published, as STS would, from here, and compare it with the cluster.' },
]

export const help = formatHelp({
  usage: 'lanyard setup issuer [--out FOLDER | --output FORMAT --bucket NAME --region REGION | --check]',
  about:
    "Says what must be public of the cluster's issuer, so that STS can verify the tokens of its pods: a discovery document and the public keys. It reads both from the cluster by KUBECONFIG, judges the issuer by the rules of IAM, and writes the two files, or prints how they get into a bucket. It publishes nothing itself.",
  flags,
  after: [
    'Examples:',
    '  lanyard setup issuer --issuer https://oidc.example.com/shop --flags kubeadm',
    '  lanyard setup issuer --out public',
    '  lanyard setup issuer --output cli --bucket shop-issuer --region eu-west-1',
    '  lanyard setup issuer --check',
    '',
    'Exit codes: 0 well, 1 something of the issuer is wrong, 2 called wrongly.',
  ].join('\n'),
})

/** Prints, writes or checks what is public of an issuer. Throws Failure for what cannot be read or written. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given)
  const format = options.choice('flags', FLAGS_OUTPUTS)
  if (given.texts['flags'] !== undefined) return printFlags(options, format)
  if (given.texts['issuer'] !== undefined)
    options.refuse(
      'issuer',
      'it is for --flags alone',
      'Add --flags kubeadm to print how the API server is told it; else the cluster says its issuer itself',
    )
  const destination = readDestination(given, options)
  const files = readFiles(given, options)
  options.end()
  const documents = files === undefined ? await readClusterDocuments(given) : readFileDocuments(...files)
  const { issuer } = documents.discovery
  const isTakeable = judgeIssuer(issuer)
  if (given.switches.has('check')) return isTakeable ? await checkPublished(documents) : undefined
  if (isTakeable || destination === undefined) publish(documents, destination)
  else note('Nothing is written: give the API server another issuer first.')
}

function printFlags(options: OptionReader, format: FlagsOutput | undefined): void {
  const issuer = options.required('issuer', issuerKind, '')
  const others = options.list('keep-issuer', issuerKind)
  if (others.includes(issuer))
    options.refuse('keep-issuer', 'it is the new issuer itself', 'Name the issuer that the cluster has had')
  options.end()
  judgeIssuer(issuer)
  if (format === 'kind')
    note(
      'For nodes of Kubernetes 1.36 and later, whose kubeadm has extraArgs as a list; before, kind takes a map of names to values there.',
    )
  process.stdout.write(flagsTexts[format ?? 'plain']({ issuer, others }))
}

function readFiles(
  { texts: { 'discovery-file': discovery, 'jwks-file': keys } }: GivenFlags,
  options: OptionReader,
): readonly [string, string] | undefined {
  if (discovery !== undefined && keys !== undefined) return [discovery, keys]
  if ((discovery ?? keys) !== undefined)
    options.refuse(
      discovery === undefined ? 'discovery-file' : 'jwks-file',
      'it is missing',
      'Give both files, or none',
    )
  return undefined
}

/** Those of the large clouds publish their keys themselves. */
const SERVED =
  /^https:\/\/(oidc\.eks\.[\w-]+\.amazonaws\.com(\.cn)?|container\.googleapis\.com|[\w-]+\.oic\.prod-aks\.azure\.com)\//

function publish({ discovery, keys }: IssuerDocuments, destination: Destination | undefined): void {
  if (isServed(discovery))
    note('This issuer is public already: its cloud publishes both documents. Go on with lanyard setup provider.')
  const site = siteOf(discovery.issuer, keys)
  if (destination !== undefined) {
    writeSite(site, destination)
    return
  }
  const lines = site.files.map(({ path }) => `https://${site.host}/${path}\n`)
  process.stdout.write(lines.join(''))
  note(
    'These addresses must answer with what --out FOLDER writes, for everybody, with a certificate of a public authority.',
  )
}

const isServed = ({ issuer }: Discovery): boolean => SERVED.test(issuer)
