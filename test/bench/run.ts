/** `npm run bench`: what Lanyard costs, as figures beside those of empty servers. */
import { chmodSync, existsSync, ftruncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { buildImages } from '../../scripts/build/image.ts'
import { formatTable } from '../../src/terminal/table.ts'
import { type AtEnd, scratch } from '../support/processes.ts'
import type { Bench, Found } from './bench.ts'
import { benches } from './benches.ts'
import { describeEnvironment } from './environment.ts'
import { figureOf } from './figures.ts'
import { help, type Options, readOptions, UsageError } from './options.ts'
import { formatReport, gather, missedFixed, type Report } from './report.ts'

/** What is to happen at the end, the last one first. */
const ends: (() => unknown)[] = []
const atEnd: AtEnd = (end) => void ends.unshift(end)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options.help || options.list) {
    process.stdout.write(options.help ? help : `${formatTable(benches.map(({ name, about }) => [name, about]))}\n`)
    return 0
  }
  if (!existsSync('/proc/self/smaps_rollup'))
    throw new UsageError('this needs Linux: it reads what processes take from /proc/PID')
  return conclude(await measure(options), options.json)
}

async function measure({ chosen, short, real }: Options): Promise<Report> {
  const environment = describeEnvironment(new Date())
  if (!environment.imageUser) say("not as root: servers run as whoever called, not as the image's user")
  if (!environment.pinned) say('there is no second processor: servers share one with whoever asks them')
  const began = performance.now()
  const found: Found[] = []
  const failed: { name: string; why: string }[] = []
  try {
    say('building what the image holds')
    const folder = await buildImage()
    for (const bench of chosen) {
      try {
        found.push(await runOne(bench, { folder, short, real }))
      } catch (thrown) {
        failed.push({ name: bench.name, why: thrown instanceof Error ? thrown.message : String(thrown) })
      }
    }
  } finally {
    await endDownTo(0)
  }
  const seconds = Math.round((performance.now() - began) / 1_000)
  const complete = !short && chosen.length === benches.length && failed.length === 0
  return { environment, complete, seconds, ...gather(found), failed }
}

/** Readable by the image's user. */
async function buildImage(): Promise<string> {
  const folder = scratch(atEnd)
  chmodSync(folder, 0o755)
  await buildImages(process.cwd(), join(folder, 'image'))
  chmodSync(join(folder, 'image'), 0o755)
  return join(folder, 'image')
}

type Given = { readonly folder: string; readonly short: boolean; readonly real: boolean }

/** What a bench has started ends with it. */
async function runOne({ name, run }: Bench, given: Given): Promise<Found> {
  const [before, began] = [ends.length, performance.now()]
  try {
    return await run({ ...given, atEnd, say: (what) => say(`${name}: ${what}`) })
  } finally {
    await endDownTo(before)
    say(`${name}: ${Math.round((performance.now() - began) / 1_000)} s`)
  }
}

async function endDownTo(count: number): Promise<void> {
  while (ends.length > count) await ends.shift()?.()
}

function conclude(report: Report, json: number | undefined): number {
  process.stdout.write(`\n${formatReport(report)}\n`)
  const missed = missedFixed(report.measurements)
  for (const { id } of missed) process.stdout.write(`FAILED ${figureOf(id).about}: a fixed goal was missed\n`)
  process.stdout.write(`${report.measurements.length} figures in ${report.seconds} s\n`)
  if (json !== undefined) {
    ftruncateSync(json)
    writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  }
  return missed.length + report.failed.length === 0 ? 0 : 1
}

// Whoever reads may have seen enough (`| head`), and every further write fails.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(130))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
// What is left to do then is done at once: processes are killed, folders removed.
process.on('exit', () => {
  for (const end of ends.splice(0)) {
    try {
      void Promise.resolve(end()).catch(() => undefined)
    } catch (error) {
      process.stderr.write(`bench: ${error}\n`)
    }
  }
})

try {
  process.exitCode = await main()
} catch (thrown) {
  process.stderr.write(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = thrown instanceof UsageError ? 2 : 1
}
