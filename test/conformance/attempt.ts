import type { Bench } from './bench.ts'
import type { Case } from './cases/case.ts'
import { cases } from './cases/index.ts'
import type { Client } from './client.ts'
import { loopFast } from './fastLoop.ts'
import { type Loop, loop } from './loop.ts'
import { type CaseResult, describeLoop, LOOP_CASE, type ProtocolResult } from './report.ts'
import { type Ground, onStage, Unmet } from './stage.ts'

/** Whose loop is the long one, over that many rotations. */
const LONG: ReadonlySet<string> = new Set(['js-v3', 'boto3', 'go-v2'])
/** With IMDS Go asks again when its credentials end, and no earlier. */
const LONG_ROTATIONS = { container: 5, imds: 2 }
const SHORT_LOOP = { calls: 15, rotations: 1 }

type Tried = Pick<Ground, 'prepared' | 'protocol'>

/** One client on one protocol: each case on a stage of its own, and the loop beside them. */
export async function tryProtocol(
  bench: Bench,
  { name: client, lazyWithImds }: Client,
  tried: Tried,
): Promise<ProtocolResult> {
  const { world, options, say } = bench
  const { protocol } = tried
  const ground = { world, ...tried }
  const looping = options.cases.has(LOOP_CASE)
    ? tryLoop(client, ground, options.calls, lazyWithImds && protocol === 'imds' ? loopFast : loop)
    : undefined
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

async function tryCase(bench: Bench, ground: Ground, one: Case, tries = one.tries ?? 1): Promise<CaseResult> {
  const { trying, say } = bench
  try {
    const remark = await trying(() => onStage(ground, one.run))
    return { passed: true, ...(remark !== undefined && { remark }) }
  } catch (error) {
    if (tries > 1) return tryCase(bench, ground, one, tries - 1)
    if (!(error instanceof Unmet)) say(`unexpected: ${error instanceof Error ? error.stack : String(error)}`)
    return { passed: false, remark: error instanceof Error ? error.message : String(error) }
  }
}

async function tryLoop(
  client: string,
  ground: Ground,
  calls: number,
  run: typeof loop,
): Promise<Loop & { readonly passed: boolean }> {
  const atLeast = LONG.has(client) ? { calls, rotations: LONG_ROTATIONS[ground.protocol] } : SHORT_LOOP
  const done = await onStage(ground, (stage) => run(stage, atLeast))
  return { ...done, passed: done.failed === 0 && done.calls >= atLeast.calls && done.rotations >= atLeast.rotations }
}
