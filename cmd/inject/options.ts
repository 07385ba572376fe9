import { failOn, type Problem } from '../../src/errors/index.ts'
import { readServerVersion } from '../../src/manifests/index.ts'
import { nearest } from '../../src/settings/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'

const OUTPUTS = ['yaml', 'diff', 'json'] as const
export type Output = (typeof OUTPUTS)[number]

export const flags: readonly Flag[] = [
  {
    name: 'filename',
    short: 'f',
    value: 'FILE',
    repeated: true,
    doc: 'Manifests in YAML or JSON; a folder stands for the .yaml, .yml and .json files in it, - for the standard input.',
    note: '(required; may be given several times)',
  },
  {
    name: 'config',
    value: 'FILE',
    doc: "The webhook's configuration file: with the chart, config.yaml of the ConfigMap lanyard-webhook.",
  },
  {
    name: 'from-cluster',
    doc: 'Take the configuration from that ConfigMap, and annotations of ServiceAccounts and namespaces that no file gives from the API server, by KUBECONFIG.',
  },
  { name: 'system-namespace', value: 'NAMESPACE', doc: 'Where that ConfigMap is.', note: '(default lanyard-system)' },
  { name: 'sidecar-image', value: 'IMAGE', doc: 'The image of the sidecar, whatever the configuration says.' },
  {
    name: 'aws-sts-ca-file',
    value: 'FILE',
    doc: 'A copy of the file that aws.stsCaFile names in the pods of the webhook.',
  },
  {
    name: 'namespace',
    short: 'n',
    value: 'NAMESPACE',
    doc: 'The namespace of objects that name none.',
    note: '(default default)',
  },
  {
    name: 'namespace-file',
    value: 'FILE',
    repeated: true,
    doc: 'Namespaces, for their annotations; those among the manifests count too.',
    note: '(may be given several times)',
  },
  {
    name: 'service-account-file',
    value: 'FILE',
    repeated: true,
    doc: 'ServiceAccounts, likewise.',
    note: '(may be given several times)',
  },
  {
    name: 'server-version',
    value: 'VERSION',
    doc: 'The Kubernetes that is to run the pods: older than 1.30 is refused, and what it does not heed is warned of.',
  },
  {
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    doc: 'yaml: all documents; diff: what changes; json: one object a line for each workload, with its patch.',
    note: '(default diff on a terminal, else yaml)',
  },
]

export type Options = {
  readonly paths: readonly string[]
  readonly saidPaths: readonly { readonly flag: string; readonly paths: readonly string[] }[]
  readonly namespace: string
  readonly systemNamespace: string
  readonly fromCluster: boolean
  /** Minor version of Kubernetes 1. */
  readonly serverVersion: number | undefined
  readonly output: Output
}

/** Throws Failure with everything that is called wrongly, or ServerVersionTooOld. */
export function readOptions({ texts, lists, switches }: GivenFlags, isTerminal: boolean): Options {
  const { namespace = 'default', output = isTerminal ? 'diff' : 'yaml' } = texts
  const systemNamespace = texts['system-namespace'] ?? 'lanyard-system'
  const paths = lists['filename'] ?? []
  const saidPaths = ['namespace-file', 'service-account-file'].map((flag) => ({ flag, paths: lists[flag] ?? [] }))
  const known = OUTPUTS.find((each) => each === output)
  failOn([
    ...(paths.length === 0 ? [missing] : []),
    ...([paths, ...saidPaths.map((said) => said.paths)].flat().filter((path) => path === '-').length > 1
      ? [stdinTwice]
      : []),
    ...(known === undefined ? [unknownOutput(output)] : []),
    ...namespaceProblems('--namespace', namespace),
    ...namespaceProblems('--system-namespace', systemNamespace),
    ...(switches.has('from-cluster') && texts['config'] !== undefined ? [twice] : []),
  ])
  const version = texts['server-version']
  return {
    paths,
    saidPaths,
    ...{ namespace, systemNamespace },
    fromCluster: switches.has('from-cluster'),
    serverVersion: version === undefined ? undefined : readServerVersion(version, '--server-version'),
    output: known ?? 'yaml',
  }
}

const missing: Problem = {
  code: 'SettingMissing',
  field: '--filename',
  message: 'nothing says what to inject',
  fix: 'Give -f FILE, or -f - for the standard input',
}
const stdinTwice: Problem = {
  code: 'SettingInvalid',
  field: '-',
  message: 'the standard input is named more than once',
  fix: 'Name it once, and files for the rest',
}
const twice: Problem = {
  code: 'SettingInvalid',
  field: '--from-cluster',
  message: '--config is given as well',
  fix: 'Give one of them',
}

const unknownOutput = (text: string): Problem => ({
  code: 'SettingInvalid',
  field: '--output',
  message: `${JSON.stringify(text.slice(0, 80))} is not known${nearest(text, OUTPUTS)}`,
  fix: `It must be ${OUTPUTS.join(', ')}`,
})

function namespaceProblems(field: string, name: string): readonly Problem[] {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return []
  const message = `${JSON.stringify(name.slice(0, 80))} is no name of a namespace`
  return [{ code: 'SettingInvalid', field, message, fix: 'Write it like lanyard-system' }]
}
