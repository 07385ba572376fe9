import type { Problem } from '../errors/index.ts'
import { type InnerProblem, type Kind, like } from './kinds/kind.ts'
import { nearest } from './nearest.ts'
import { type PodKey, type PodValues, podEntries } from './podSettings.ts'
import { exampleOf, type ProcessSetting } from './processSetting.ts'
import { type ConfigOf, flagOf, type ProcessName, settingsOf, variableOf } from './processSettings.ts'
import { isMapping, textOfValue } from './textOfValue.ts'

export type Read<T> = { readonly values: T; readonly problems: readonly Problem[] }

/** One text through one kind: its value, or the problem as a sentence about `field`. */
export function readText<T>(
  kind: Kind<T>,
  text: string,
  about: Pick<Problem, 'code' | 'field'>,
): { value: T } | { problem: Problem; others?: readonly Problem[] } {
  const parsed = kind.parse(text)
  if (parsed.ok) return { value: parsed.value }
  const { problem, inside = [{ path: '', problem, form: kind.form, example: kind.example }] } = parsed
  const [first, ...others] = inside.map((one) => problemOf(one, about))
  if (first === undefined) return { problem: { ...about, message: `the value ${problem}` } }
  return others.length === 0 ? { problem: first } : { problem: first, others }
}

function problemOf(inner: InnerProblem, about: Pick<Problem, 'code' | 'field'>): Problem {
  const where = { ...about, ...(inner.path !== '' && { field: `${about.field}.${inner.path}` }) }
  if ('message' in inner) return { ...where, message: inner.message, fix: inner.fix }
  const { problem, form, example } = inner
  return {
    ...where,
    message: `the value ${problem}; it must be ${form}`,
    ...(example !== '' && { fix: `Write it like ${example}` }),
  }
}

/** The pod settings that `textOf` finds a text for, every problem at once; `fieldOf` names the place for the message. */
export function readPodSettings(
  textOf: (key: PodKey) => string | undefined,
  fieldOf: (key: PodKey) => string,
  code: 'AnnotationInvalid' | 'SettingInvalid',
): Read<PodValues> {
  const values: Partial<Record<PodKey, unknown>> = {}
  const problems: Problem[] = []
  for (const [key, setting] of podEntries) {
    const text = textOf(key)
    if (text === undefined) continue
    const read = readText(setting.kind, text.trim(), { code, field: fieldOf(key) })
    if ('problem' in read) problems.push(read.problem)
    else values[key] = read.value
  }
  return { values: values as PodValues, problems }
}

/** The pod settings from the sidecar's own environment: what the webhook wrote. */
export function readPodVariables(env: Readonly<Record<string, string | undefined>>): Read<PodValues> {
  const variable = new Map(podEntries.map(([key, setting]) => [key, setting.env]))
  const nameOf = (key: PodKey): string => variable.get(key) ?? ''
  return readPodSettings((key) => env[nameOf(key)], nameOf, 'SettingInvalid')
}

/**
 * A variable of ours. In pods beside a Service named `lanyard-webhook`, kubelet's service links set
 * `LANYARD_WEBHOOK_PORT=tcp://10.0.0.1:443`, which is meant for nobody here. (The sidecar's ports are always written into
 * its container, which wins over links.)
 */
function ownVariable(env: Sources['env'], name: string): string | undefined {
  const text = env?.[name]
  return text !== undefined && /^(tcp|udp|sctp):\/\//.test(text) ? undefined : text
}

/** Where the texts of a command's settings come from: a flag wins over a variable, that over the file. */
export type Sources = {
  readonly flags?: Readonly<Record<string, string | undefined>>
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The configuration file, as parsed YAML. */
  readonly file?: unknown
}

/** A command's configuration from all sources; every problem at once: unknown keys, wrong values, missing ones. */
export function readConfig<P extends ProcessName>(process: P, sources: Sources): Read<ConfigOf<P>> {
  const settings = settingsOf(process)
  const flat = flatten(sources.file ?? {}, new Map(settings))
  const values: Record<string, unknown> = {}
  const problems: Problem[] = [...flat.problems]
  for (const [key, setting] of settings) {
    const source = textOf(key, sources, flat.texts) ?? fallback(setting.default)
    if (source !== undefined) {
      const kind = like(setting.kind, exampleOf(setting))
      const read = readText(kind, source.text.trim(), { code: 'SettingInvalid', field: source.field })
      if ('problem' in read) problems.push(read.problem, ...(read.others ?? []))
      else values[key] = read.value
    } else if (setting.required) problems.push(missing(process, key, setting))
  }
  return { values: values as ConfigOf<P>, problems }
}

/** What runs in pods has neither a file nor flags. */
function missing(process: ProcessName, key: string, setting: ProcessSetting): Problem {
  const fix = `It must be ${setting.kind.form}, like ${exampleOf(setting)}`
  if (process !== 'webhook')
    return { code: 'SettingMissing', field: variableOf(key), message: 'there is no value', fix }
  const message = `there is no value: give it as ${key} in the file, as ${variableOf(key)} or as --${flagOf(key)}`
  return { code: 'SettingMissing', field: key, message, fix }
}

type Source = { readonly text: string; readonly field: string }

const fallback = (text: string | undefined): Source | undefined =>
  text === undefined ? undefined : { text, field: 'default' }

function textOf(key: string, { flags, env }: Sources, file: ReadonlyMap<string, string>): Source | undefined {
  const candidates = [
    { text: flags?.[flagOf(key)], field: `--${flagOf(key)}` },
    { text: ownVariable(env, variableOf(key)), field: variableOf(key) },
    { text: file.get(key), field: key },
  ]
  return candidates.find((candidate): candidate is Source => candidate.text !== undefined)
}

type Flat = { readonly texts: Map<string, string>; readonly problems: Problem[] }

/** The file's tree as texts by key: `{ tls: { certFile } }` → `tls.certFile`. */
function flatten(file: unknown, settings: ReadonlyMap<string, ProcessSetting>): Flat {
  const known = new Set(settings.keys())
  const flat: Flat = { texts: new Map(), problems: [] }
  if (!isMapping(file)) {
    flat.problems.push({ code: 'ConfigurationMalformed', message: 'the file is not a mapping of settings' })
    return flat
  }
  const inside = (path: string): string[] => [...known].filter((key) => key.startsWith(`${path}.`))
  const visit = (value: unknown, path: string): void => {
    if (known.has(path)) {
      takeLeaf(flat, path, value, settings.get(path)?.kind.schema === 'object')
      return
    }
    const keys = inside(path)
    if (value === null && keys.length > 0) return
    if (!isMapping(value)) {
      flat.problems.push(keys.length > 0 ? groupProblem(path, keys) : unknownProblem(path, known))
      return
    }
    for (const [name, child] of Object.entries(value)) visit(child, `${path}.${name}`)
  }
  for (const [name, value] of Object.entries(file)) visit(value, name)
  return flat
}

const unknownProblem = (field: string, known: ReadonlySet<string>): Problem => ({
  code: 'SettingUnknown',
  field,
  message: `there is no such setting${nearest(field, known)}`,
})

function groupProblem(field: string, keys: readonly string[]): Problem {
  const some = keys
    .slice(0, 3)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1')
  return { code: 'SettingInvalid', field, message: 'it is a group of settings', fix: `Write ${some}` }
}

/** A key or section without a value is as good as none: that is how YAML files look with everything commented out. */
function takeLeaf({ texts, problems }: Flat, path: string, value: unknown, isObject: boolean): void {
  if (value === null) return
  // What is a mapping itself is read from JSON, wherever it comes from; a list in its place is told as that.
  const text = isObject && typeof value === 'object' ? JSON.stringify(value) : textOfValue(value)
  if (text !== undefined) texts.set(path, text)
  else
    problems.push({ code: 'SettingInvalid', field: path, message: 'the value is neither a text nor a list of texts' })
}
