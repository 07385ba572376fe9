import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { formatProblem } from '../../src/errors/index.ts'
import type { Annotations, InjectionContext } from '../../src/injection/index.ts'
import { admitByEntries, applied } from './admitting.ts'
import type { Json } from './gen.ts'

/** Set to write what comes out as what is expected; then look at the difference. */
export const isUpdating = process.env['UPDATE_FIXTURES'] === '1'

const folder = new URL('../fixtures/pods/', import.meta.url)
const pathOf = (name: string): URL => new URL(name, folder)

export const podFixtures = (): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.pod.yaml'))
    .map((name) => name.slice(0, -'.pod.yaml'.length))
    .sort()

/** The pod of a case: a fresh copy every time. */
export const podFixture = (name: string): Json => parse(readFileSync(pathOf(`${name}.pod.yaml`), 'utf8')) as Json

export function writePodFixture(name: string, pod: unknown): void {
  writeFileSync(pathOf(`${name}.pod.yaml`), toYaml(pod))
}

/** The annotations of the pod's ServiceAccount and of its namespace. */
export type Said = { readonly serviceAccount: Annotations; readonly namespace: Annotations }

/** What is said beside the pod, by the ServiceAccount and the Namespace in `CASE.sources.yaml`; nothing without that file. */
export function saidBeside(name: string): Said {
  const path = pathOf(`${name}.sources.yaml`)
  const said: { serviceAccount: Annotations; namespace: Annotations } = { serviceAccount: {}, namespace: {} }
  if (!existsSync(path)) return said
  for (const document of parseAllDocuments(readFileSync(path, 'utf8'))) {
    const { kind, metadata } = document.toJS() as { kind: string; metadata: { annotations: Annotations } }
    if (kind === 'ServiceAccount') said.serviceAccount = metadata.annotations
    else if (kind === 'Namespace') said.namespace = metadata.annotations
    else throw new Error(`${name}.sources.yaml has the kind ${kind}`)
  }
  return said
}

type Result = { readonly file: string; readonly text: string }

/** What becomes of the pod, as the text of the file that holds the expectation. */
export function resultOf(name: string, context: InjectionContext): Result {
  const pod = podFixture(name)
  const outcome = admitByEntries(pod, context)
  const warnings = outcome.warnings.map((warning) => `warning: ${warning}`)
  if (outcome.kind === 'deny') {
    return { file: `${name}.denied.txt`, text: lines([...outcome.problems.map(formatProblem), ...warnings]) }
  }
  const patch = outcome.kind === 'inject' ? outcome.patch : []
  const heading =
    outcome.kind === 'skip' ? `skip: ${outcome.reason}` : patch.length === 0 ? 'inject: unchanged' : 'inject'
  const comments = [heading, ...warnings].map((line) => `# ${line}`)
  return { file: `${name}.expected.yaml`, text: lines(comments) + toYaml(applied(pod, patch)) }
}

/** The expectation of the case, under the name that it must have; written first where fixtures are being updated. */
export function expectedOf(name: string, result: Result): Result {
  const files = [`${name}.expected.yaml`, `${name}.denied.txt`]
  if (isUpdating) {
    for (const file of files) rmSync(pathOf(file), { force: true })
    writeFileSync(pathOf(result.file), result.text)
  }
  const there = files.filter((file) => existsSync(pathOf(file)))
  return { file: there.join(' and '), text: there.map((file) => readFileSync(pathOf(file), 'utf8')).join('') }
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')
const toYaml = (pod: unknown): string => stringify(pod, { lineWidth: 0, aliasDuplicateObjects: false })
