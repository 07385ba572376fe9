import { openSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Variant, variants } from '../../scripts/build/bundles.ts'
import { wrap } from '../../src/terminal/help.ts'
import type { Attack } from './attack.ts'
import { attacks } from './families/index.ts'
import { BUSY, FEWEST_JUDGED, GROWTH, MEMORY_LIMIT, SLOWEST_P99 } from './verdict.ts'

export const familyOf = (name: string): string => name.slice(0, name.indexOf('/'))

const families = [...new Set(attacks.map(({ name }) => familyOf(name)))]

const about = `Attacks the credentials endpoint as a hostile program of the pod would: two sidecars as the image has them, one
for each protocol, answer by credentials of a strict double of STS, while a real client of each goes on asking.`

const output = `A line of the output is an attack, at which endpoint it was tried, and what must be seen: the answers in
their order ("403 HostRefused"; "200 web" hands out the credentials of the role web), or "closed" without a byte. An
attack that saw something else says what. Then: the private memory of each sidecar before and after, and how long the real
client waited.`

const bounds = `It fails where an answer is another, where private memory grew by more than ${GROWTH} MiB or reached more than
${MEMORY_LIMIT} MiB, where one of the real client's requests failed, where the client's p99 is neither below ${SLOWEST_P99} ms nor
below ${BUSY} times what it was before (judged from ${FEWEST_JUDGED} requests on), where a sidecar asked STS more than it does by
itself or ended, or where a secret is in its log.`

const needs = `It takes about 2 minutes, /proc/self/smaps_rollup (Linux), and the usual limit of 1,024 open files
(ulimit -Hn).`

export const help = `${wrap(about, 0)}

Usage:
  npm run attack -- [--only NAME,…]... [--variant IMAGE] [--json FILE]
  npm run attack -- [--only NAME,…]... --list

Flags:
  --only NAME,…
${wrap('Only the attacks whose name begins so: a family or one attack, such as "host/evil.example".', 6)}
  --variant IMAGE
${wrap(`The sidecar of which image: ${Object.keys(variants).join(', ')}. The first, where it is not said.`, 6)}
  --json FILE
${wrap('Writes what was tried, expected and seen to this file as well.', 6)}
  --list
${wrap('Names the attacks and what must be seen, and ends.', 6)}

${[output, bounds, `Families: ${families.join(', ')}.`, needs].map((text) => wrap(text, 0)).join('\n\n')}
${wrap('Exit codes: 0 all as expected, 1 something was not, 2 called wrongly, 130 interrupted.', 0)}
`

export class UsageError extends Error {}

export type Options = {
  readonly chosen: readonly Attack[]
  readonly variant: Variant
  /** An open file, to be written at the end. */
  readonly json: number | undefined
  readonly list: boolean
  readonly help: boolean
}

/** Throws UsageError with a sentence for whoever called. */
export function readOptions(args: readonly string[]): Options {
  const { only, variant = 'product', json, list = false, help = false } = parse(args)
  const chosen = choose(only)
  if (!isVariant(variant))
    throw new UsageError(`--variant: there is no ${variant}; there are ${Object.keys(variants).join(', ')}`)
  return { chosen, variant, json: json === undefined || list || help ? undefined : openForWriting(json), list, help }
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const
  const options = {
    only: { type: 'string', multiple: true },
    variant: { type: 'string' },
    json: { type: 'string' },
    list: flag,
    help: flag,
  } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown))
  }
}

const isVariant = (text: string): text is Variant => Object.hasOwn(variants, text)

function choose(only: readonly string[] | undefined): readonly Attack[] {
  if (only === undefined) return attacks
  const known = (start: string): boolean => start !== '' && attacks.some(({ name }) => name.startsWith(start))
  // There are names with a comma, above all in numbers.
  const starts = only.flatMap((text) => (known(text) ? [text] : text.split(/,(?!\d)/).map((start) => start.trim())))
  const unknown = starts.find((start) => !known(start))
  if (unknown !== undefined)
    throw new UsageError(`--only: no attack begins with "${unknown}"; the families are ${families.join(', ')}`)
  return attacks.filter(({ name }) => starts.some((start) => name.startsWith(start)))
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w')
  } catch (thrown) {
    throw new UsageError(`--json: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
}
