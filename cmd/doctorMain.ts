import process from 'node:process'
// Not by the room's index: what looks at a cluster has no place in a sidecar.
import { identityChecks } from '../src/doctor/identity/index.ts'
import { createWatcher } from '../src/doctor/progress.ts'
import { formatSummary, toJson } from '../src/doctor/report.ts'
import { runChecks, worstOf } from '../src/doctor/run.ts'
import { toFailure } from '../src/errors/index.ts'
import { type Flag, readFlags } from '../src/terminal/flags.ts'
import { formatHelp } from '../src/terminal/help.ts'
import { styleFor } from '../src/terminal/style.ts'
import { exitCodeBy } from './doctor/exitCode.ts'
import { groundInPod } from './doctor/inPod.ts'
import { exitCodeOf } from './run.ts'

const flags: readonly Flag[] = [
  { name: 'json', doc: 'Print one JSON object; the progress goes to the standard error.' },
]

const help = formatHelp({
  usage: 'kubectl exec POD -c lanyard -- lanyard doctor [--json]',
  about:
    "Looks from inside the sidecar's container at the identity of the pod: its token, the issuer and its keys, the way to STS, and the exchange itself, which it makes once more and forgets. The running sidecar notices nothing; STS sees one call for each role, and one that asks whose the credentials are.",
  flags,
  after: 'Exit codes: 0 all is well, 1 something is wrong, 2 called wrongly, 3 warnings only.',
})

/** The doctor of the image, which is about the pod that it runs in. */
async function main([command = 'doctor', ...args]: readonly string[]): Promise<void> {
  const isHelp = command === '--help' || command === '-h'
  const given = readFlags(isHelp ? ['--help'] : command === 'doctor' ? args : [command], flags)
  if (given.switches.has('help')) {
    process.stdout.write(help)
    return
  }
  const isJson = given.switches.has('json')
  const progress = isJson ? process.stderr : process.stdout
  const style = styleFor(progress)
  const columns = (): number | undefined => (progress.isTTY ? progress.columns : undefined)
  const write = (text: string): void => void progress.write(text)
  const watcher = createWatcher({ write, isTerminal: progress.isTTY, columns, style })
  const checked = await runChecks(identityChecks, groundInPod(process.env), new AbortController().signal, watcher)
  process.stdout.write(isJson ? toJson(checked) : formatSummary(checked, style, { columns: columns() }))
  process.exitCode = exitCodeBy(worstOf(checked.map(({ verdict }) => verdict)))
}

// Whoever reads may have seen enough (`| head`).
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

main(process.argv.slice(2)).catch((thrown: unknown) => {
  const failure = toFailure(thrown)
  process.stderr.write(`${failure.message}\n`)
  process.exitCode = exitCodeOf(failure)
})
