import { failOn, type Problem } from '../../src/errors/index.ts'
import { nearest } from '../../src/settings/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'

const OUTPUTS = ['wide', 'json'] as const
/** In seconds. */
const INTERVAL = { usual: 5, most: 3_600 } as const
/** The API server's answer is waited for no longer than 5 s. */
const TIMEOUT = { usual: 3, most: 5 } as const

export const flags: readonly Flag[] = [
  {
    name: 'namespace',
    short: 'n',
    value: 'NAME',
    doc: 'Of the pods.',
    note: "(default that of the kubeconfig's context, else default)",
  },
  { name: 'all-namespaces', short: 'A', doc: 'The pods of all namespaces.' },
  { name: 'selector', short: 'l', value: 'SELECTOR', doc: 'Only pods with such labels, such as app=web,tier!=test.' },
  {
    name: 'watch',
    short: 'w',
    doc: 'Look again and again until Ctrl-C; on a terminal in place, elsewhere a block a round.',
  },
  {
    name: 'interval',
    value: 'TIME',
    doc: 'From one round of --watch to the next.',
    note: `(default ${INTERVAL.usual}s)`,
  },
  {
    name: 'timeout',
    value: 'TIME',
    doc: "For the answer of one pod's sidecar, at most 5s.",
    note: `(default ${TIMEOUT.usual}s)`,
  },
  {
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    doc: 'wide: everything in full, however wide the terminal is; json: for scripts, with --watch one object a line.',
  },
  { name: 'json', doc: 'The same as -o json.' },
  { name: 'kubeconfig', value: 'FILE', doc: 'In place of KUBECONFIG and ~/.kube/config.' },
  { name: 'context', value: 'NAME', doc: "In place of the kubeconfig's current one." },
  {
    name: 'system-namespace',
    value: 'NAME',
    doc: 'Where the webhook is, whose version the pods are compared with.',
    note: '(default lanyard-system)',
  },
]

export type Options = {
  /** Undefined where the context is to say it. */
  readonly namespace: string | undefined
  readonly isEverywhere: boolean
  readonly selector: string | undefined
  readonly isWatching: boolean
  /** Milliseconds. */
  readonly interval: number
  readonly timeout: number
  readonly output: 'table' | (typeof OUTPUTS)[number]
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly systemNamespace: string
}

/** Throws Failure with everything that is called wrongly. */
export function readOptions({ texts, switches, operands }: GivenFlags): Options {
  const { namespace, selector, kubeconfig, context, output } = texts
  const systemNamespace = texts['system-namespace'] ?? 'lanyard-system'
  const isEverywhere = switches.has('all-namespaces')
  const interval = readTime('--interval', texts['interval'], INTERVAL)
  const timeout = readTime('--timeout', texts['timeout'], TIMEOUT)
  const known = OUTPUTS.find((each) => each === output)
  failOn([
    ...operands.map(noOperand),
    ...interval.problems,
    ...timeout.problems,
    ...(namespace === undefined ? [] : namespaceProblems('--namespace', namespace)),
    ...namespaceProblems('--system-namespace', systemNamespace),
    ...(isEverywhere && namespace !== undefined ? [contradiction('--all-namespaces', '--namespace')] : []),
    ...(output === undefined || known !== undefined ? [] : [unknownOutput(output)]),
    ...(switches.has('json') && known === 'wide' ? [contradiction('--json', '--output wide')] : []),
  ])
  return {
    ...{ namespace, isEverywhere, selector, kubeconfig, context, systemNamespace },
    isWatching: switches.has('watch'),
    interval: interval.milliseconds,
    timeout: timeout.milliseconds,
    output: switches.has('json') ? 'json' : (known ?? 'table'),
  }
}

/** Most often a pod, as kubectl and the doctor take it, or a flag without its dashes. */
function noOperand(text: string): Problem {
  const like = nearest(
    text,
    flags.map(({ name }) => `--${name}`),
  )
  return {
    code: 'SettingInvalid',
    field: JSON.stringify(text.slice(0, 80)),
    message: `status takes no name: it shows all pods of a namespace${like}`,
    fix: 'For some pods give their labels, like -l app=web; one pod by its name is for lanyard doctor pod/NAME',
  }
}

type Bounds = { readonly usual: number; readonly most: number }

/** `5s` or `2m`. */
function readTime(field: string, text: string | undefined, { usual, most }: Bounds) {
  const [, count, unit] = /^(\d{1,6})([sm])$/.exec(text ?? `${usual}s`) ?? []
  const seconds = Number(count) * (unit === 'm' ? 60 : 1)
  if (seconds >= 1 && seconds <= most) return { milliseconds: seconds * 1_000, problems: [] }
  const message = `the value is ${JSON.stringify(text?.slice(0, 80))}`
  const fix = `It must be a time from 1s to ${most}s, like ${usual}s`
  const problem: Problem = { code: 'SettingInvalid', field, message, fix }
  return { milliseconds: 0, problems: [problem] }
}

const contradiction = (field: string, other: string): Problem => ({
  code: 'SettingInvalid',
  field,
  message: `${other} is given as well`,
  fix: 'Give one of them',
})

const unknownOutput = (text: string): Problem => ({
  code: 'SettingInvalid',
  field: '--output',
  message: `${JSON.stringify(text.slice(0, 80))} is not known${nearest(text, OUTPUTS)}`,
  fix: `It must be ${OUTPUTS.join(' or ')}`,
})

function namespaceProblems(field: string, name: string): readonly Problem[] {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return []
  const message = `${JSON.stringify(name.slice(0, 80))} is no name of a namespace`
  return [{ code: 'SettingInvalid', field, message, fix: 'Write it like shop' }]
}
