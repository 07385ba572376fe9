#!/usr/bin/env node
import process from 'node:process'
import { Failure, toFailure } from '../src/errors/index.ts'
import { nearest, settingsOf, variableOf } from '../src/settings/index.ts'
import { formatFailure } from '../src/terminal/failure.ts'
import { type Flag, type GivenFlags, readFlags } from '../src/terminal/flags.ts'
import { formatHelp, wrap } from '../src/terminal/help.ts'
import { styleFor } from '../src/terminal/style.ts'
import { VERSION } from '../src/version.ts'
import { EXIT, exitCodeOf } from './run.ts'

type Command = {
  readonly flags: readonly Flag[]
  readonly help: string
  readonly run: (given: GivenFlags) => Promise<void>
}
type Entry = { readonly summary: string; readonly load: () => Promise<Command> }

/** Loaded only when called, so that none pays for another. */
const commands: Readonly<Record<string, Entry>> = {
  demo: {
    summary: 'Show all of Lanyard at work here: no cluster, no AWS account.',
    load: () => import('./demo.ts'),
  },
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

const overview = [
  'AWS credentials for Kubernetes pods by identity federation, without any key.',
  '',
  'Usage:',
  '  lanyard COMMAND [flags]',
  '',
  'Commands:',
  ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
  '',
  'lanyard COMMAND --help says more; lanyard --version says which this is.',
  'Exit codes: 0 done, 1 failed, 2 called wrongly.',
  '',
].join('\n')

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(overview)
  if (name === '--version') return print(`lanyard ${VERSION}\n`)
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry === undefined)
    throw new Failure({
      code: 'CommandUnknown',
      field: name.slice(0, 80),
      message: `it is not known${nearest(name, Object.keys(commands))}`,
    })
  const command = await entry.load()
  const given = readFlags(args, command.flags)
  if (given.switches.has('help')) return print(command.help)
  await command.run(given)
}

/** One line a problem, but for people. */
function tell(failure: Failure): string {
  return process.stderr.isTTY ? formatFailure(failure, styleFor(process.stderr)) : `${failure.message}\n`
}

function print(text: string): void {
  process.stdout.write(text)
}

try {
  await main(process.argv.slice(2))
} catch (thrown) {
  const failure = toFailure(thrown)
  process.stderr.write(tell(failure))
  process.exitCode = failure.code === 'Internal' ? EXIT.failed : exitCodeOf(failure)
}
