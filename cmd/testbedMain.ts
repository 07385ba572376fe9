/** The STS of the testbed as a process: what the image target `testbed` runs, for tests in a cluster. */
import process from 'node:process'
import { Failure, toFailure } from '../src/errors/index.ts'
import { type Flag, readFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { parseYaml, readText } from './configFile.ts'
import { exitCodeOf, runUntilSignal } from './run.ts'
import { readTestbedConfig } from './testbed/config.ts'
import { startTestbed } from './testbed/start.ts'

const flags: readonly Flag[] = [{ name: 'config', value: 'FILE', doc: 'YAML or JSON file: see docs/testbed.md.' }]
const help = formatHelp({
  usage: 'testbed.cjs --config FILE',
  about:
    'Runs an STS that verifies what it is sent, over https, with a control port for its faults. For tests in a cluster, never for production. Stops on SIGTERM.',
  flags,
})

const tell = (failure: Failure): void => void process.stderr.write(`${failure.message}\n`)

async function main(): Promise<void> {
  const { switches, texts } = readFlags(process.argv.slice(2), flags)
  if (switches.has('help')) {
    process.stdout.write(help)
    return
  }
  const path = texts['config']
  if (path === undefined)
    throw new Failure({ code: 'SettingMissing', field: '--config', message: 'it names the file that says everything' })
  const config = readTestbedConfig(parseYaml(readText(path, '--config'), path))
  await runUntilSignal(() => startTestbed(config), tell, process)
}

main().catch((thrown: unknown) => {
  const failure = toFailure(thrown)
  tell(failure)
  process.exitCode = exitCodeOf(failure)
})
