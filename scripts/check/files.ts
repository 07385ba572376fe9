import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'

export type TextFile = { readonly path: string; readonly text: string }

/** The project's own text files: what git has or would take. */
export async function ownFiles(root: string): Promise<readonly TextFile[]> {
  const { code, output } = await run(root, 'git', ['ls-files', '--cached', '--others', '--exclude-standard'])
  if (code !== 0) throw new Error(`git does not list the files of ${root}: ${output}`)
  const paths = [...new Set(output.split('\n'))].filter((path) => path !== '' && existsSync(join(root, path)))
  return paths
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'))
}
