/** `npm run attack`: the sidecar's endpoint under attack, beside a real client that must not notice. */
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Attack } from './attack.ts'
import { attacks } from './families/index.ts'
import { type Front, type Ground, prepareGround } from './ground.ts'
import { readMemory, settleMemory, watchPeak } from './memory.ts'
import { formatOutcomes, formatSummary } from './report.ts'
import { findFaults, GROWTH, type Outcome, passed, SESSIONS, type Side, summarise } from './verdict.ts'

const families = [...new Set(attacks.map(({ name }) => name.slice(0, name.indexOf('/'))))]

const help = `Attacks the credentials endpoint as a hostile program of the pod would: two sidecars as the image has them, one for each
protocol, answer by credentials of a strict double of STS, while a real client of each goes on asking.

Usage:
  npm run attack -- [--only NAME]... [--json FILE]

Flags:
  --only NAME   Only the attacks whose name begins so: a family or one attack, such as "host/evil.example".
  --json FILE   Writes what was tried, expected and seen to this file as well.

A line of the output is an attack, at which endpoint it was tried, and what must be seen: the answers in their order
("403 HostRefused"; "200 web" hands out the credentials of the role web), or "closed" without a byte. An attack that
saw something else says what. Then: the private memory of each sidecar before and after, and how long the real client waited.
It fails where an answer is another, where memory grew by more than ${GROWTH} MiB, where the client's p99 is not below 250 ms or
one of its requests failed, where a sidecar asked STS more than it does by itself or ended, or where a secret is in its log.
Families: ${families.join(', ')}.
It takes about 3 minutes, /proc (Linux), and a limit of open files of at least 12,000 (ulimit -Hn).
Exit codes: 0 all as expected, 1 something was not, 2 called wrongly.
`

const WARM_REQUESTS = 5_000
const WARM_CLIENT = 100

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, json: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const chosen = choose(values.only)
  const ends: (() => unknown)[] = []
  try {
    const ground = await prepareGround((end) => void ends.unshift(end))
    const { outcomes, sides, faults } = await run(ground, chosen)
    process.stdout.write(`\n${formatSummary(outcomes, sides)}\n`)
    const failed = outcomes.filter((outcome) => !passed(outcome)).length
    for (const fault of faults) process.stdout.write(`FAILED ${fault}\n`)
    process.stdout.write(`${outcomes.length} tried, ${failed} not as expected, ${faults.length} other faults\n`)
    if (values.json !== undefined)
      writeFileSync(values.json, `${JSON.stringify({ outcomes, sides, faults }, null, 2)}\n`)
    return failed + faults.length === 0 ? 0 : 1
  } finally {
    for (const end of ends) await end()
  }
}

class UsageError extends Error {}

function choose(only: readonly string[] | undefined): readonly Attack[] {
  const unknown = only?.filter((start) => !attacks.some(({ name }) => name.startsWith(start))) ?? []
  if (unknown.length > 0)
    throw new UsageError(`no attack begins with ${unknown.join(', ')}; the families are ${families.join(', ')}`)
  return attacks.filter(({ name }) => only?.some((start) => name.startsWith(start)) ?? true)
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
  const before = await Promise.all(fronts.map(readMemory))
  const asked = fronts.map(({ client }) => client.asked.length)
  const peaks = fronts.map(watchPeak)
  const exchanged = exchanges()

  const outcomes = await tryAll(ground, chosen)

  const after = await Promise.all(fronts.map((front, index) => settleMemory(front, (before[index] ?? 0) + GROWTH)))
  const sides = fronts.map(({ sidecar, client }, index) => ({
    protocol: sidecar.target.protocol,
    memory: { before: before[index] ?? 0, peak: peaks[index]?.() ?? 0, after: after[index] ?? 0 },
    served: summarise(client.asked.slice(asked[index]), outcomes),
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
  const width = Math.max(...chosen.map(({ name }) => name.length))
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
    process.stdout.write(`${formatOutcomes(outcomes, width)}\n`)
    all.push(...outcomes)
  }
  return all
}

const findLeaks = ({ sidecar }: Front): readonly string[] =>
  sidecar.leaks().map(() => `${sidecar.target.protocol}: a secret is in its log`)

try {
  process.exitCode = await main()
} catch (thrown) {
  process.stderr.write(`attack: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  const usage = thrown instanceof UsageError || (thrown instanceof TypeError && 'code' in thrown)
  process.exitCode = usage ? 2 : 1
}
