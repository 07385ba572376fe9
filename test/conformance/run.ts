/** `npm run conformance`: AWS's clients, unmodified, against the sidecar, on each protocol that they speak. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { formatTable } from '../../src/terminal/table.ts'
import { VERSION } from '../../src/version.ts'
import { tryAll } from './bench.ts'
import { cases } from './cases/index.ts'
import { clients, untried } from './clients.ts'
import { help, isComplete, type Options, readOptions } from './options.ts'
import { killAll } from './process.ts'
import { countOf, failuresOf, type Report, rowsOf } from './report.ts'
import { openWorld } from './world.ts'

async function main(): Promise<void> {
  let options: Options
  try {
    options = readOptions(process.argv.slice(2))
    if (options.json !== undefined) closeSync(openSync(options.json, 'a')) // Better now than in ten minutes.
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    process.exitCode = 2
    return
  }
  if (options.help) process.stdout.write(help)
  else if (options.list)
    process.stdout.write(
      `${formatTable(clients.map(({ name, title, protocols }) => [name, title, protocols.join(', ')]))}\n`,
    )
  else await run(options)
}

async function run(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-conformance-'))
  leaveNothing(folder)
  const world = await openWorld(folder)
  try {
    const found = await tryAll(world, options, say)
    const report: Report = {
      lanyard: VERSION,
      complete: isComplete(options),
      cases: Object.fromEntries(cases.map(({ name, doc }) => [name, doc])),
      ...found,
      untried,
    }
    conclude(report, options)
  } finally {
    await world.stop()
  }
}

/** Tokens and keys of the run are in there, so it goes however the run ends; whoever reads may have seen enough. */
function leaveNothing(folder: string): void {
  process.stdout.on('error', () => {})
  process.on('exit', () => {
    killAll()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
}

function conclude(report: Report, { json, required }: Options): void {
  process.stdout.write(`\n${formatTable(rowsOf(report))}\n`)
  const failures = [
    ...failuresOf(report),
    ...report.missing
      .filter(({ client, broken }) => broken || required.has(client))
      .map(({ client, why }) => `${client} could not be made ready: ${why}`),
  ]
  for (const { client, why } of report.missing) process.stdout.write(`\nnot tried: ${client}: ${why}`)
  for (const failure of failures) process.stderr.write(`\nFAILED ${failure}`)
  process.stdout.write(
    `\n${report.clients.length} clients tried, ${report.missing.length} not, ${failures.length} failures\n`,
  )
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`)
  if (countOf(report) === 0) process.stderr.write('nothing was tried\n')
  process.exitCode = failures.length === 0 && countOf(report) > 0 ? 0 : 1
}

const began = performance.now()
const say = (line: string): void =>
  void process.stdout.write(`${String(Math.round((performance.now() - began) / 1_000)).padStart(4)} s  ${line}\n`)

await main()
