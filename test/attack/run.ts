/** `npm run attack`: the sidecar's endpoint under attack, beside a real client that must not notice. */
import { existsSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { formatTable } from '../../src/terminal/table.ts'
import type { Attack } from './attack.ts'
import { type Front, type Ground, prepareGround } from './ground.ts'
import { readMemory, settleMemory, watchPeak } from './memory.ts'
import { familyOf, help, readOptions, UsageError } from './options.ts'
import { formatOutcomes, formatSummary } from './report.ts'
import { findFaults, GROWTH, type Outcome, passed, quantile, SESSIONS, type Side, summarise } from './verdict.ts'

const WARM_REQUESTS = 5_000
const WARM_CLIENT = 100
/** Of each client, to learn how long it waits on this machine when nobody attacks. */
const BASELINE = 200

/** What is to happen at the end, the last one first. */
const ends: (() => unknown)[] = []

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options.help || options.list) {
    process.stdout.write(options.help ? help : `${formatTable(options.chosen.map(listed))}\n`)
    return 0
  }
  if (!existsSync('/proc/self/smaps_rollup'))
    throw new UsageError('this needs Linux: it reads the memory of the sidecars from /proc/PID/smaps_rollup')
  try {
    const ground = await prepareGround(options.variant, (end) => void ends.unshift(end))
    return conclude(await run(ground, options.chosen), options.json)
  } finally {
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) await end()
  }
}

const listed = ({ name, expected, only }: Attack): readonly string[] => [name, only ?? 'both', expected]

function conclude({ outcomes, sides, faults }: Result, json: number | undefined): number {
  process.stdout.write(`\n${formatSummary(outcomes, sides)}\n`)
  const failed = outcomes.filter((outcome) => !passed(outcome)).length
  for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`)
  process.stdout.write(`${outcomes.length} tried, ${failed} not as expected, ${faults.length} other faults\n`)
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ outcomes, sides, faults }, null, 2)}\n`)
  return failed + faults.length === 0 ? 0 : 1
}

type Result = {
  readonly outcomes: readonly Outcome[]
  readonly sides: readonly Side[]
  readonly faults: readonly string[]
}

async function run(ground: Ground, chosen: readonly Attack[]): Promise<Result> {
  const { attacker, fronts, exchanges } = ground
  for (const { sidecar, client } of fronts) {
    await attacker.order({ kind: 'warm', target: sidecar.target, total: WARM_REQUESTS })
    await client.more(WARM_CLIENT)
  }
  const baselines = await Promise.all(fronts.map(measureBaseline))
  const before = await Promise.all(fronts.map(readMemory))
  const asked = fronts.map(({ client }) => client.asked.length)
  const peaks = fronts.map(watchPeak)
  const exchanged = exchanges()

  const outcomes = await tryAll(ground, chosen)
  await Promise.all(fronts.map(({ client }) => client.more(1)))
  const until = Date.now()

  const after = await Promise.all(fronts.map((front, index) => settleMemory(front, (before[index] ?? 0) + GROWTH)))
  const sides = fronts.map(({ sidecar, client }, index) => ({
    protocol: sidecar.target.protocol,
    memory: { before: before[index] ?? 0, peak: peaks[index]?.() ?? 0, after: after[index] ?? 0 },
    served: summarise(client.asked.slice(asked[index]), outcomes, until),
    baseline: baselines[index] ?? 0,
  }))
  const again = exchanges() - exchanged
  const faults = [
    ...sides.flatMap(findFaults),
    ...fronts.flatMap(findLeaks),
    ...(again <= SESSIONS
      ? []
      : [`STS was asked ${again} times more: ${fronts.map(({ sidecar }) => sidecar.log()).join('\n')}`]),
  ]
  return { outcomes, sides, faults }
}

async function tryAll({ attacker, fronts }: Ground, chosen: readonly Attack[]): Promise<readonly Outcome[]> {
  const all: Outcome[] = []
  const byFamily = Map.groupBy(chosen, ({ name }) => familyOf(name))
  for (const { name, expected, only } of chosen) {
    const outcomes: Outcome[] = []
    for (const { sidecar } of fronts) {
      const { target } = sidecar
      const { protocol } = target
      if (only !== undefined && only !== protocol) continue
      const from = Date.now()
      const seen = await attacker.order({ kind: 'attack', name, target })
      if (sidecar.ended()) throw new Error(`the sidecar of ${protocol} ended during ${name}`)
      outcomes.push({ name, protocol, expected, ...seen, from, to: Date.now(), memory: sidecar.memory() })
    }
    process.stdout.write(`${formatOutcomes(outcomes, widthOf(byFamily.get(familyOf(name)) ?? []))}\n`)
    all.push(...outcomes)
  }
  return all
}

/** A family's names are padded alike, but not to its longest ones: lines should fit 100 columns. */
const WIDEST = 46
const widthOf = (family: readonly Attack[]): number =>
  Math.min(WIDEST, Math.max(...family.map(({ name }) => name.length)))

async function measureBaseline({ client }: Front): Promise<number> {
  await client.more(BASELINE)
  return quantile(client.asked.slice(-BASELINE), 0.99)
}

const findLeaks = ({ sidecar: { target, secrets, log } }: Front): readonly string[] =>
  [...new Set([...secrets(), target.proof.token])]
    .filter((secret) => log().includes(secret))
    .map(() => `${target.protocol}: a secret is in its log`)

// Whoever reads may have seen enough (`| head`), and every further write fails.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(130))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
// What is left to do then is done at once: processes are killed, folders removed.
process.on('exit', () => {
  for (const end of ends.splice(0)) {
    try {
      void Promise.resolve(end()).catch(() => undefined)
    } catch (error) {
      process.stderr.write(`attack: ${error}\n`)
    }
  }
})

try {
  process.exitCode = await main()
} catch (thrown) {
  process.stderr.write(`attack: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = thrown instanceof UsageError ? 2 : 1
}
