import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Failure, failOn, type Problem } from '../errors/index.ts'
import type { ManifestFile } from './types.ts'

/** As kubectl takes them from a folder; folders in it are left alone. */
const extensions = ['.yaml', '.yml', '.json']

/**
 * Files, the files of folders, and for `-` the standard input, in their order. `field` is the flag that names them.
 * @throws Failure FileUnreadable, with every one that cannot be read.
 */
export async function readInputs(
  paths: readonly string[],
  { field, stdin }: { readonly field: string; readonly stdin: AsyncIterable<Uint8Array> },
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = []
  const problems: Problem[] = []
  for (const path of paths) {
    try {
      if (path === '-') files.push(decoded('standard input', await readAll(stdin)))
      else files.push(...namesIn(path, field).map((name) => decoded(name, readFileSync(name))))
    } catch (thrown) {
      problems.push(...explain(thrown, path, field))
    }
  }
  failOn(problems)
  return files
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function namesIn(path: string, field: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && extensions.includes(extname(entry.name)))
    .map(({ name }) => join(path, name))
    .sort()
  if (names.length > 0) return names
  throw unreadable(field, `the folder ${path} has no file that ends in ${extensions.join(', ')}`)
}

function decoded(name: string, bytes: Uint8Array): ManifestFile {
  try {
    return { name, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    throw new Failure({
      code: 'ManifestMalformed',
      field: name,
      message: 'it is no UTF-8 text',
      fix: 'Save it as UTF-8.',
    })
  }
}

function explain(thrown: unknown, path: string, field: string): readonly Problem[] {
  if (thrown instanceof Failure) return thrown.problems
  const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
  return unreadable(field, `${path} cannot be read (${reason})`).problems
}

const unreadable = (field: string, message: string): Failure => new Failure({ code: 'FileUnreadable', field, message })
