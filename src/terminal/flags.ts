import { parseArgs } from 'node:util'
import { Failure } from '../errors/index.ts'
import { nearest } from '../settings/index.ts'

/** A flag as `--help` shows it; one without `value` is a switch. */
export type Flag = { readonly name: string; readonly value?: string; readonly doc: string; readonly note?: string }
export type GivenFlags = {
  readonly texts: Readonly<Record<string, string | undefined>>
  readonly switches: ReadonlySet<string>
}

const HELP: Flag = { name: 'help', doc: 'Show this.' }
export const withHelp = (flags: readonly Flag[]): readonly Flag[] => [...flags, HELP]

/** The flags of a command line; `--help` is always one. Throws Failure FlagUnknown. */
export function readFlags(args: readonly string[], flags: readonly Flag[]): GivenFlags {
  const known = withHelp(flags)
  const options = Object.fromEntries(
    known.map(({ name, value }) => [name, { type: value === undefined ? ('boolean' as const) : ('string' as const) }]),
  )
  const { values, tokens } = parse(
    args.map((arg) => (arg === '-h' ? '--help' : arg)),
    options,
  )
  for (const token of tokens) check(token, known)
  const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  return {
    texts: Object.fromEntries(texts),
    switches: new Set(Object.keys(values).filter((name) => values[name] === true)),
  }
}

const parse = (args: readonly string[], options: Record<string, { type: 'boolean' | 'string' }>) =>
  parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })

type Token = ReturnType<typeof parse>['tokens'][number]

function check(token: Token, known: readonly Flag[]): void {
  if (token.kind === 'option-terminator') return
  if (token.kind === 'positional') throw unknownFlag(token.value, known)
  const flag = known.find(({ name }) => name === token.name)
  if (flag === undefined) throw unknownFlag(token.rawName, known)
  // `--config --help` forgot the value; whoever means such a file writes `--config=--help`.
  const hasValue = token.value !== undefined && (token.inlineValue || !token.value.startsWith('--'))
  if (flag.value !== undefined && !hasValue)
    throw misused(token.rawName, `it needs a value: --${flag.name} ${flag.value}`)
  if (flag.value === undefined && hasValue) throw misused(token.rawName, 'it takes no value')
}

function unknownFlag(text: string, known: readonly Flag[]): Failure {
  const message = `it is not known here${nearest(
    text,
    known.map(({ name }) => `--${name}`),
  )}`
  return misused(text, message)
}

const misused = (flag: string, message: string): Failure =>
  new Failure({ code: 'FlagUnknown', field: flag.slice(0, 80), message })
