import { readTarget, type Target, targetTextOf } from '../../src/doctor/index.ts'
import { Failure } from '../../src/errors/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'

export const flags: readonly Flag[] = [
  {
    name: 'namespace',
    short: 'n',
    value: 'NAMESPACE',
    doc: 'Where the target is; without a target, the one namespace whose pods are looked at.',
    note: "(default that of the kubeconfig's context; without a target, all)",
  },
  { name: 'all-namespaces', short: 'A', doc: 'The pods of all namespaces, as without a target and -n.' },
  {
    name: 'system-namespace',
    value: 'NAMESPACE',
    doc: 'Where Lanyard is, if there are several.',
    note: '(default lanyard-system)',
  },
  {
    name: 'no-dry-run',
    doc: 'Do not let the API server try whether it would make the pods. Nothing of a dry run is kept; it needs the right to create pods.',
  },
  {
    name: 'exchange',
    doc: 'Try the exchange from here, with a token of the ServiceAccount that lives for 10 minutes; it needs the right to create serviceaccounts/token. The credentials are thrown away.',
  },
  {
    name: 'role-file',
    value: 'FILE',
    doc: 'What `aws iam get-role --role-name NAME` printed: is it the right role, and does it let the pod in?',
  },
  {
    name: 'provider-file',
    value: 'FILE',
    doc: 'What `aws iam get-open-id-connect-provider --open-id-connect-provider-arn ARN` printed, likewise.',
  },
  { name: 'kubeconfig', value: 'FILE', doc: 'In place of KUBECONFIG and ~/.kube/config.' },
  { name: 'context', value: 'NAME', doc: "In place of the kubeconfig's current one." },
  { name: 'json', doc: 'Print one JSON object; the progress goes to the standard error.' },
]

export type Options = {
  /** Given the namespace of the kubeconfig's context, which is for who says none. */
  readonly targetIn: (usual: string | undefined) => Target
  readonly systemNamespace: string
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly isDryRunAllowed: boolean
  readonly isJson: boolean
  readonly roleFile: string | undefined
  readonly providerFile: string | undefined
  readonly isExchangeAsked: boolean
}

/** Throws Failure SettingInvalid. */
export function readOptions({ texts, switches, operands }: GivenFlags): Options {
  const systemNamespace = texts['system-namespace'] ?? 'lanyard-system'
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(systemNamespace))
    throw new Failure({
      code: 'SettingInvalid',
      field: '--system-namespace',
      message: 'it is no name of a namespace',
      fix: 'Write it like lanyard-system',
    })
  const text = targetTextOf(operands)
  const { namespace } = texts
  if (switches.has('all-namespaces')) refuseBeside(text === undefined ? namespace && '--namespace' : `TARGET ${text}`)
  const targetIn = (usual: string | undefined): Target => readTarget(text, namespace, usual)
  // What is called wrongly is so whatever the kubeconfig says.
  targetIn(undefined)
  return {
    targetIn,
    systemNamespace,
    kubeconfig: texts['kubeconfig'],
    context: texts['context'],
    isDryRunAllowed: !switches.has('no-dry-run'),
    isJson: switches.has('json'),
    isExchangeAsked: switches.has('exchange'),
    roleFile: texts['role-file'],
    providerFile: texts['provider-file'],
  }
}

function refuseBeside(other: string | undefined): void {
  if (!other) return
  throw new Failure({
    code: 'SettingInvalid',
    field: '--all-namespaces',
    message: `${other.slice(0, 80)} is given as well, which is in one namespace`,
    fix: 'Give one of them; without either it looks at all namespaces',
  })
}
