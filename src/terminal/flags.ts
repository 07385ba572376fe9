import { type ParseArgsConfig, parseArgs } from 'node:util'
import { Failure } from '../errors/index.ts'
import { nearest } from '../settings/index.ts'

/** A flag as `--help` shows it; one without `value` is a switch. `short` is its letter behind a single dash. */
export type Flag = {
  readonly name: string
  readonly short?: string
  readonly value?: string
  /** Whether it may be given several times: then its values are among the lists, in their order. */
  readonly repeated?: true
  readonly doc: string
  readonly note?: string
}
export type GivenFlags = {
  readonly texts: Readonly<Record<string, string | undefined>>
  readonly lists: Readonly<Record<string, readonly string[] | undefined>>
  readonly switches: ReadonlySet<string>
  /** What stands alone, where the command takes such. */
  readonly operands: readonly string[]
}
/** What a command takes beside its flags: how `--help` calls it, and how many there may be. */
export type Operands = { readonly name: string; readonly most: number }

const HELP: Flag = { name: 'help', doc: 'Show this.' }
export const withHelp = (flags: readonly Flag[]): readonly Flag[] => [...flags, HELP]

/** The flags of a command line, and its operands where it may have any; `--help` is always a flag. Throws Failure FlagUnknown. */
export function readFlags(args: readonly string[], flags: readonly Flag[], taken?: Operands): GivenFlags {
  const known = withHelp(flags)
  const options = Object.fromEntries(known.map((flag) => [flag.name, optionOf(flag)] as const))
  const { values, tokens } = parse(
    args.map((arg) => (arg === '-h' ? '--help' : arg)),
    options,
  )
  const operands = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []))
  const most = taken?.most ?? 0
  for (const token of tokens) if (token.kind !== 'positional' || most === 0) check(token, known)
  if (taken !== undefined && operands.length > most) throw tooMany(operands[most] ?? '', taken)
  const given: readonly (readonly [string, unknown])[] = Object.entries(values)
  return {
    texts: Object.fromEntries(given.filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
    lists: Object.fromEntries(given.filter((entry): entry is [string, string[]] => Array.isArray(entry[1]))),
    switches: new Set(Object.keys(values).filter((name) => values[name] === true)),
    operands,
  }
}

type Option = NonNullable<ParseArgsConfig['options']>[string]

const optionOf = ({ short, value, repeated }: Flag): Option => ({
  type: value === undefined ? 'boolean' : 'string',
  multiple: repeated === true,
  ...(short !== undefined && { short }),
})

const parse = (args: readonly string[], options: Record<string, Option>) =>
  parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })

type Token = ReturnType<typeof parse>['tokens'][number]

function check(token: Token, known: readonly Flag[]): void {
  if (token.kind === 'option-terminator') return
  if (token.kind === 'positional') throw stray(token.value, known)
  const flag = known.find(({ name }) => name === token.name)
  if (flag === undefined) throw unknownFlag(token.rawName, known)
  // `--config --help` forgot the value; whoever means such a file writes `--config=--help`.
  const hasValue = token.value !== undefined && (token.inlineValue || !token.value.startsWith('--'))
  if (flag.value !== undefined && !hasValue)
    throw misused(token.rawName, `it needs a value: --${flag.name} ${flag.value}`)
  if (flag.value === undefined && hasValue) throw misused(token.rawName, 'it takes no value')
}

const tooMany = (text: string, { name, most }: Operands): Failure =>
  misused(text, `there is no place for it behind ${most === 1 ? `one ${name}` : `${most} of ${name}`}`)

/** What stands alone is most often a file whose flag was forgotten. */
function stray(text: string, known: readonly Flag[]): Failure {
  const ofFile = known.find(({ repeated, short }) => repeated === true && short !== undefined)
  return ofFile === undefined
    ? unknownFlag(text, known)
    : misused(text, `nothing says what it is; did you mean "-${ofFile.short} ${text.slice(0, 60)}"?`)
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
