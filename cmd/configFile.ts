import { readFileSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { Failure } from '../src/errors/index.ts'

/** Reads a file that a setting names. Throws Failure FileUnreadable. */
export function readText(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
    throw new Failure({ code: 'FileUnreadable', field, message: `${path} cannot be read (${reason})` })
  }
}

/** A YAML file with one mapping; an empty file is none. Throws Failure ConfigurationMalformed, which names `path`. */
export function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error?.code === 'MULTIPLE_DOCS') throw malformed(path, 'it holds several documents, separated by ---')
  if (error !== undefined) throw malformed(path, error.message.split('\n')[0]?.replace(/:$/, '') ?? 'it does not parse')
  const value = resolved(document, path)
  if (isKubernetesObject(value))
    throw malformed(path, 'it is an object of Kubernetes: give the text of its data.config.yaml')
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return value ?? undefined
  throw malformed(path, 'it is not a mapping')
}

/** A whole ConfigMap, by the same hands that take the file out of it. */
const isKubernetesObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value

/** Aliases are followed here, not while parsing. */
function resolved(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS()
  } catch {
    throw malformed(path, 'an alias (*NAME) stands for nothing, or for too much')
  }
}

const malformed = (field: string, message: string): Failure =>
  new Failure({ code: 'ConfigurationMalformed', field, message })
