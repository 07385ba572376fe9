/** What is broken on purpose, what the doctor must say first, and how it is mended. */
import { apply, kubectl } from './kubectl.ts'
import { scaleWebhook } from './lanyard.ts'
import { NAMESPACE } from './settings.ts'
import { roleArn } from './sts.ts'
import { type PodOptions, workload } from './workloads.ts'

export const WHERE = 'e2e-doctor'

export type Case = {
  readonly name: string
  readonly breaks: () => Promise<unknown>
  /** Of the command line. */
  readonly target: readonly string[]
  readonly code: string
  readonly fix: RegExp
  /** 1 where it fails, 3 where it is a warning. */
  readonly exit?: 1 | 3
  /** Given what the doctor said to do. */
  readonly mends: (fix: string) => Promise<unknown>
  /** What is well then, if not the target itself. */
  readonly after?: readonly string[]
}

export const at = (target: string): readonly string[] => [target, '-n', WHERE]
export const SLEEP = 'exec sleep infinity'

/** A Deployment that the webhook refuses, and the same without what it refuses. */
const refused = (name: string, bad: PodOptions, code: string, fix: RegExp): Case => ({
  name,
  breaks: () => apply([workload('Deployment', 'refused', WHERE, { script: SLEEP, ...bad })]),
  target: at('deploy/refused'),
  code,
  fix,
  mends: async () => {
    await kubectl(['delete', 'deployment', 'refused', '-n', WHERE])
    await apply([workload('Deployment', 'refused', WHERE, { script: SLEEP })])
  },
})

export const annotatedWith = (annotations: Readonly<Record<string, string>>): PodOptions => ({ annotations })

export const denials: readonly Case[] = [
  refused(
    'a typo in an annotation',
    annotatedWith({ 'lanyard.dev/session-duratoin': '1h' }),
    'AnnotationUnknown',
    /spelling/,
  ),
  refused('hostNetwork', { spec: { hostNetwork: true } }, 'HostNetworkNotSupported', /Remove hostNetwork/),
  refused(
    'a port that is taken, at admission',
    { container: { ports: [{ containerPort: 9797 }] } },
    'PortTaken',
    /lanyard\.dev\/credentials-port/,
  ),
  refused(
    'static keys in env',
    { container: { env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIAEXAMPLE' }] } },
    'EnvWinsOverLanyard',
    /Remove the variable/,
  ),
  {
    name: 'a role that the namespace is not permitted',
    breaks: async () => {
      await kubectl(['annotate', 'namespace', WHERE, `lanyard.dev/permitted-roles=${roleArn('other')}`])
      await apply([workload('Deployment', 'permitted', WHERE, { script: SLEEP })])
    },
    target: at('deployment/permitted'),
    code: 'RoleNotPermitted',
    fix: new RegExp(
      `kubectl annotate --overwrite namespace ${WHERE} 'lanyard.dev/permitted-roles=.*role/other .*role/web'`,
    ),
    mends: (fix) => runCommand(fix),
  },
  {
    name: "a pod of Lanyard's own namespace",
    breaks: () => apply([workload('Deployment', 'own', NAMESPACE, { replicas: 0 })]),
    target: ['deployment/own', '-n', NAMESPACE],
    code: 'NamespaceExcluded',
    fix: /Run the pod in another namespace/,
    mends: async () => {
      await kubectl(['delete', 'deployment', 'own', '-n', NAMESPACE])
      await apply([workload('Deployment', 'own', WHERE, { replicas: 0 })])
    },
    after: at('deployment/own'),
  },
]

/** The command that is in what the doctor says to do. */
export async function runCommand(fix: string): Promise<void> {
  const command = /`(kubectl [^`]+)`/.exec(fix)?.[1]
  if (command === undefined) throw new Error(`there is no command in: ${fix}`)
  const words = command.match(/'[^']*'|\S+/g) ?? []
  await kubectl(words.slice(1).map((word) => word.replace(/^'(.*)'$/, '$1')))
}

export const webhookDown: Case = {
  name: 'a webhook that is down',
  breaks: () => scaleWebhook(0),
  target: at('pod/out'),
  code: 'WebhookDown',
  fix: /kubectl -n lanyard-system scale deployment\/lanyard-webhook --replicas=2/,
  mends: async (fix) => {
    await runCommand(fix)
    await scaleWebhook(2)
  },
}
