import { settingsOf, variableOf } from '../src/settings/index.ts'
import type { Flag, GivenFlags, Operands } from '../src/terminal/flags.ts'
import { formatHelp, wrap } from '../src/terminal/help.ts'

export type Command = {
  readonly flags: readonly Flag[]
  readonly operands?: Operands
  readonly help: string
  readonly run: (given: GivenFlags) => Promise<void>
}
export type Commands = Readonly<Record<string, Entry>>
/** A command, loaded only when it is called, so that none pays for another; or a group of them. */
export type Entry = { readonly summary: string } & (
  | { readonly load: () => Promise<Command> }
  | { readonly about: string; readonly commands: Commands }
)

export const commands: Commands = {
  demo: {
    summary: 'Show all of Lanyard at work here: no cluster, no AWS account.',
    load: () => import('./demo.ts'),
  },
  setup: {
    summary: 'Print what the issuer and AWS need, and check a policy.',
    about: 'Prints what has to be published and created before pods can have roles. It changes nothing itself.',
    commands: {
      issuer: { summary: "What must be public of the cluster's issuer.", load: () => import('./setup/issuer.ts') },
      provider: { summary: 'The IAM OIDC or SAML provider of an account.', load: () => import('./setup/provider.ts') },
      role: { summary: 'A role, its trust policy, and what to annotate.', load: () => import('./setup/role.ts') },
      lint: { summary: 'What a trust policy lets in that it should not.', load: () => import('./setup/lint.ts') },
    },
  },
  status: { summary: 'Show the pods with credentials, and how each fares.', load: () => import('./status.ts') },
  doctor: { summary: 'Find out what is wrong, and what to change first.', load: () => import('./doctor.ts') },
  inject: {
    summary: 'Do to the pods of manifests what the webhook would do, offline.',
    load: () => import('./inject.ts'),
  },
  webhook: { summary: 'Run the admission webhook (in the cluster).', load: () => import('./webhook.ts') },
  sidecar: { summary: 'Run the sidecar (in a pod; told everything by variables).', load: loadSidecar },
  broker: { summary: "Run the broker of an app's users (in a pod, like the sidecar).", load: loadBroker },
  wait: { summary: "Wait for the sidecar's credentials (the pod's start gate).", load: loadWait },
}

async function loadSidecar(): Promise<Command> {
  const { run } = await import('./sidecar.ts')
  const { allExchanges } = await import('./sidecar/allExchanges.ts')
  const about =
    "Exchanges the pod's identity for credentials, keeps them fresh, and serves them on 127.0.0.1. The webhook writes its variables; the pod settings among them are the annotations (LANYARD_ROLE_ARN is lanyard.dev/role-arn)."
  return toldByVariables('sidecar', about, () => run(allExchanges))
}

async function loadBroker(): Promise<Command> {
  const { run } = await import('./broker.ts')
  const about =
    "Verifies the login tokens of an app's users and gets credentials for each, which it answers to POST /v1/user-credentials on 127.0.0.1. The webhook writes its variables."
  return toldByVariables('broker', about, () => run())
}

function toldByVariables(name: 'sidecar' | 'broker', about: string, run: Command['run']): Command {
  const lines = settingsOf(name).map(([key, { doc }]) => `  ${variableOf(key)}\n${wrap(doc, 6)}`)
  const after = ['Variables:', ...lines].join('\n')
  return { flags: [], help: formatHelp({ usage: `lanyard ${name}`, about, flags: [], after }), run }
}

async function loadWait(): Promise<Command> {
  const about =
    'Waits until the sidecar of this pod holds credentials; exits with 1 when LANYARD_START_GATE_SECONDS (28) are over. LANYARD_METRICS_PORT (9798) is where it asks.'
  const run = async (): Promise<void> => void (await import('./wait.ts'))
  return { flags: [], help: formatHelp({ usage: 'lanyard wait', about, flags: [] }), run }
}
