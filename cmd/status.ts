import process from 'node:process'
import { formatRound, isWell, look, nothingSeen, type Showing, toJson } from '../src/status/index.ts'
import type { GivenFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { printableJson } from '../src/terminal/printable.ts'
import { styleFor } from '../src/terminal/style.ts'
import { calledAs } from './calledAs.ts'
import { EXIT } from './run.ts'
import { type Opened, openFleet } from './status/cluster.ts'
import { flags, type Options, readOptions } from './status/options.ts'
import { watch } from './status/watch.ts'

export { flags } from './status/options.ts'

/** It takes none, and says so better than what knows flags alone. */
export const operands = { name: 'POD', most: Number.POSITIVE_INFINITY } as const

export const help = formatHelp({
  usage: 'lanyard status [-n NAME | -A] [-l SELECTOR] [--watch] [flags]',
  about:
    'Shows the pods that have or want credentials: whose role each container has, when its credentials expire, when they were last renewed, and why they are not. It asks the API server by your kubeconfig, and each sidecar for its metrics through the API server: that takes the rights to list pods and to get pods/proxy. Exit code: 0 where all is well, 1 where a pod is in trouble or cannot be seen; --watch ends with 0 at Ctrl-C.',
  flags,
  after: [
    'Examples:',
    '  lanyard status -n shop',
    '  lanyard status -A --watch --interval 15s',
    `  lanyard status -A --json | jq '.rows[] | select(.state != "ok")'`,
  ].join('\n'),
})

/** Looks once, or until it is interrupted. Throws Failure for whatever is not a matter of single pods. */
export async function run(given: GivenFlags): Promise<void> {
  const options = readOptions(given)
  // Whoever reads may have seen enough (`| head`).
  process.stdout.on('error', () => process.exit(EXIT.done))
  const opened = await openFleet(options)
  try {
    const showing = showingOf(opened, options)
    await (options.isWatching ? watch(opened, options, showing) : once(opened, options, showing))
  } finally {
    opened.close()
  }
}

const write = (text: string): void => void process.stdout.write(text)

const showingOf = ({ looking }: Opened, { output, interval }: Options): Showing => ({
  clock: looking.clock,
  style: styleFor(process.stdout),
  isWide: output === 'wide',
  program: calledAs(),
  interval,
})

async function once({ looking }: Opened, options: Options, showing: Showing): Promise<void> {
  const { round } = await look(looking, nothingSeen)
  const view = {
    ...showing,
    now: round.at,
    width: options.output === 'wide' ? undefined : process.stdout.columns,
  }
  write(options.output === 'json' ? `${printableJson(toJson(round), 2)}\n` : `${formatRound(round, view).join('\n')}\n`)
  if (!isWell(round)) process.exitCode = EXIT.failed
}
