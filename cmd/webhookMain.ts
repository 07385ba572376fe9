/** What the webhook's pods run: `lanyard webhook` and nothing else, so that its bundle holds nothing else. */
import process from 'node:process'
import { toFailure } from '../src/errors/index.ts'
import { readFlags } from '../src/terminal/flags.ts'
import { exitCodeOf } from './run.ts'
import { flags, help, run } from './webhook.ts'

async function main(): Promise<void> {
  const given = readFlags(process.argv.slice(2), flags)
  if (given.switches.has('help')) process.stdout.write(help)
  else await run(given)
}

main().catch((thrown: unknown) => {
  const failure = toFailure(thrown)
  process.stderr.write(`${failure.message}\n`)
  process.exitCode = exitCodeOf(failure)
})
