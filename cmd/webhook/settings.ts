import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { Failure, failOn } from '../../src/errors/index.ts'
import { type ConfigOf, flagOf, readConfig, settingsOf, variableOf } from '../../src/settings/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The flags of `lanyard webhook`: the file, and one per setting. */
export const webhookFlags: readonly Flag[] = [
  { name: 'config', value: 'FILE', doc: 'YAML file with the settings; a variable wins over it, and a flag over both.' },
  ...settingsOf('webhook').map(([key, { doc, kind, default: fallback, required }]): Flag => {
    const otherwise = required ? 'required' : fallback === undefined ? 'none by default' : `default ${fallback}`
    return { name: flagOf(key), value: 'VALUE', doc, note: `(${kind.form}; ${otherwise}; ${variableOf(key)})` }
  }),
]

/** The webhook's configuration from flags, variables and file. Throws Failure with every problem. */
export function readSettings({ texts }: GivenFlags, env: Env): ConfigOf<'webhook'> {
  const path = texts['config'] ?? env['LANYARD_CONFIG']
  const file = path === undefined ? undefined : parseYaml(readText(path, '--config'), path)
  const { values, problems } = readConfig('webhook', { flags: texts, env, file })
  failOn(problems)
  return values
}

/** Reads a file that a setting names. Throws Failure FileUnreadable. */
export function readText(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
    throw new Failure({ code: 'FileUnreadable', field, message: `${path} cannot be read (${reason})` })
  }
}

function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined)
    throw new Failure({
      code: 'ConfigurationMalformed',
      field: path,
      message: error.message.split('\n')[0] ?? 'it does not parse',
    })
  const value: unknown = document.toJS()
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return value ?? undefined
  throw new Failure({ code: 'ConfigurationMalformed', field: path, message: 'it is not a mapping' })
}
