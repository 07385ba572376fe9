#!/usr/bin/env node
import process from 'node:process'
import { Failure, toFailure } from '../src/errors/index.ts'
import { nearest } from '../src/settings/index.ts'
import { formatFailure } from '../src/terminal/failure.ts'
import { readFlags } from '../src/terminal/flags.ts'
import { wrap } from '../src/terminal/help.ts'
import { styleFor } from '../src/terminal/style.ts'
import { VERSION } from '../src/version.ts'
import { asCalled, calledAs } from './calledAs.ts'
import { type Commands, commands } from './commands.ts'
import { needNode } from './needNode.ts'
import { EXIT, exitCodeOf } from './run.ts'

const ABOUT = 'AWS credentials for Kubernetes pods by identity federation, without any key.'

/** What `lanyard --help` prints, or a group of commands. */
const overview = (called: string, about: string, group: Commands): string =>
  [
    wrap(about, 0),
    '',
    'Usage:',
    `  ${called} COMMAND [flags]`,
    '',
    'Commands:',
    ...Object.entries(group).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`),
    '',
    `${called} COMMAND --help says more; lanyard --version says which this is.`,
    'Exit codes: 0 done, 1 failed, 2 called wrongly.',
    '',
  ].join('\n')

type Place = { readonly called: string; readonly about: string; readonly group: Commands }

async function main({ called, about, group }: Place, [name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return print(overview(called, about, group))
  const entry = Object.hasOwn(group, name) ? group[name] : undefined
  if (entry === undefined)
    throw new Failure({
      code: 'CommandUnknown',
      field: name.slice(0, 80),
      message: `it is not known${nearest(name, Object.keys(group))}`,
      fix: `${called} --help lists the commands`,
    })
  if ('commands' in entry) return main({ called: `${called} ${name}`, about: entry.about, group: entry.commands }, args)
  needNode(process.versions.node)
  const command = await entry.load()
  const given = readFlags(args, command.flags, command.operands)
  if (given.switches.has('help')) return print(asCalled(command.help))
  await command.run(given)
}

/** One line a problem, but for people. */
function tell(failure: Failure): string {
  const { isTTY, columns } = process.stderr
  return isTTY ? formatFailure(failure, styleFor(process.stderr), columns) : `${failure.message}\n`
}

function print(text: string): void {
  process.stdout.write(text)
}

// Whoever reads may have seen enough (`| head`).
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  const args = process.argv.slice(2)
  if (args[0] === '--version') print(`lanyard ${VERSION}\n`)
  else await main({ called: calledAs(), about: ABOUT, group: commands }, args)
} catch (thrown) {
  const failure = toFailure(thrown)
  process.stderr.write(tell(failure))
  process.exitCode = failure.code === 'Internal' ? EXIT.failed : exitCodeOf(failure)
}
