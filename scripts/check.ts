/** `npm run check [STEP…]`: everything that can be known of the code without running it. Every step runs, even after one that failed. */
import process from 'node:process'
import { arrows } from './check/arrows.ts'
import { docs } from './check/docs.ts'
import { length } from './check/length.ts'
import { licences } from './check/licences.ts'
import { text } from './check/text.ts'
import { exportsUsed, lint, pureTypes, types } from './check/tools.ts'
import type { Check, Findings } from './check/types.ts'

type Step = { readonly name: string; readonly doc: string; readonly check: Check }

const steps: readonly Step[] = [
  { name: 'types', doc: 'the types agree', check: types },
  { name: 'pure', doc: 'the pure rooms need nothing but the language', check: pureTypes },
  { name: 'lint', doc: 'lint and format', check: lint },
  { name: 'arrows', doc: 'rooms import only what they may', check: arrows },
  { name: 'docs', doc: 'the generated reference is up to date', check: docs },
  { name: 'exports', doc: 'no export, file or dependency is dead', check: exportsUsed },
  { name: 'licences', doc: 'production dependencies may be shipped', check: licences },
  { name: 'length', doc: 'no file is too long', check: length },
  { name: 'text', doc: 'no registry and no machine is named', check: text },
]

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`

async function take({ name, doc, check }: Step, root: string): Promise<boolean> {
  process.stdout.write(`${name.padEnd(9)} ${doc.padEnd(46)} `)
  const began = performance.now()
  const { problems, note } = await check(root).catch(
    (thrown: unknown): Findings => ({ problems: [`the step itself failed: ${String(thrown)}`] }),
  )
  const ok = problems.length === 0
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${seconds(began)}${note === undefined ? '' : ` (${note})`}\n`)
  for (const problem of problems) process.stdout.write(`${problem.replaceAll(/^/gm, '    ')}\n`)
  return ok
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !steps.some((step) => step.name === name))
  if (unknown.length > 0)
    throw new Error(`there is no step ${unknown.join(', ')}; the steps are ${steps.map(({ name }) => name).join(', ')}`)
  const chosen = names.length === 0 ? steps : steps.filter(({ name }) => names.includes(name))
  const began = performance.now()
  const failed: string[] = []
  for (const step of chosen) if (!(await take(step, process.cwd()))) failed.push(step.name)
  const result = failed.length === 0 ? `all ${chosen.length} steps ok` : `FAILED: ${failed.join(', ')}`
  process.stdout.write(`\ncheck: ${result}, ${seconds(began)}\n`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

await main(process.argv.slice(2))
