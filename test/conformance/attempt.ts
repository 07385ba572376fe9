import type { Bench } from './bench.ts'
import type { Case } from './cases/case.ts'
import { cases } from './cases/index.ts'
import type { Client, Protocol } from './client.ts'
import { loopFast } from './fastLoop.ts'
import { type Loop, loop } from './loop.ts'
import { type CaseResult, describeLoop, LOOP_CASE, type ProtocolResult } from './report.ts'
import { type Ground, onStage, Unmet } from './stage.ts'

/** Whose loop is the long one, over that many rotations. */
const LONG: ReadonlySet<string> = new Set(['js-v3', 'boto3', 'go-v2'])
const LONG_ROTATIONS = { container: 5, imds: 2 }
const LONGEST_LOOP = 900_000
const NO_LOOP: Loop = { calls: 0, failed: 0, rotations: 0, seconds: 0 }
const SHORT_LOOP = { calls: 15, rotations: 1 }

type Tried = Pick<Ground, 'prepared' | 'protocol'>

/** One client on one protocol: each case on a stage of its own, and the loop beside them. */
export async function tryProtocol(bench: Bench, of: Client, tried: Tried): Promise<ProtocolResult> {
  const { world, options, say } = bench
  const { protocol } = tried
  const { name: client } = of
  const ground = { world, ...tried }
  const run = options.cases.has(LOOP_CASE) ? loopFor(of, protocol) : undefined
  const looping = run && tryLoop(client, ground, options.calls, run)
  const wanted = cases.filter(({ name, only = protocol }) => only === protocol && options.cases.has(name))
  const results: [string, CaseResult][] = []
  for (const each of wanted) {
    const result = await tryCase(bench, ground, each)
    results.push([each.name, result])
    const remark = result.remark === undefined ? '' : `: ${result.remark}`
    say(`${client}, ${protocol}, ${each.name}: ${result.passed ? 'ok' : 'FAILED'}${remark}`)
  }
  const looped = await looping
  if (looped !== undefined) say(`${client}, ${protocol}, ${LOOP_CASE}: ${describeLoop(looped)} in ${looped.seconds} s`)
  return { cases: Object.fromEntries(results), ...(looped !== undefined && { loop: looped }) }
}

/** The loop that this client can be asked for, if any. */
function loopFor({ lazyWithImds, noLoopWithImds }: Client, protocol: Protocol): typeof loop | undefined {
  if (protocol === 'container') return loop
  if (noLoopWithImds) return undefined
  return lazyWithImds ? loopFast : loop
}

async function tryCase(bench: Bench, ground: Ground, one: Case, tries = one.tries ?? 1): Promise<CaseResult> {
  const { trying, say } = bench
  try {
    const remark = await trying(() => onStage(ground, one.run))
    return { passed: true, ...(remark !== undefined && { remark }) }
  } catch (error) {
    const remark = error instanceof Error ? error.message : String(error)
    if (tries > 1) {
      say(`${ground.protocol}, ${one.name}: tried once more: ${remark}`)
      return tryCase(bench, ground, one, tries - 1)
    }
    if (!(error instanceof Unmet) && error instanceof Error) say(`unexpected: ${error.stack}`)
    return { passed: false, remark }
  }
}

async function tryLoop(
  client: string,
  ground: Ground,
  calls: number,
  run: typeof loop,
  // A second of a fast clock's is a minute; a client of IMDS asks once, and waits no longer than that.
  tries = run === loop ? 1 : 3,
): Promise<Loop & { readonly passed: boolean }> {
  const atLeast = LONG.has(client) ? { calls, rotations: LONG_ROTATIONS[ground.protocol] } : SHORT_LOOP
  try {
    const done = await onStage(ground, (stage) => run(stage, atLeast), LONGEST_LOOP)
    const passed = done.failed === 0 && done.calls >= atLeast.calls && done.rotations >= atLeast.rotations
    return passed || tries === 1 ? { ...done, passed } : tryLoop(client, ground, calls, run, tries - 1)
  } catch (error) {
    // Nobody waits for it yet: thrown, it would end the run.
    return { ...NO_LOOP, passed: false, error: error instanceof Error ? error.message : String(error) }
  }
}
