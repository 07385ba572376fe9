import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import process from 'node:process'

export type Ran = { readonly code: number; readonly output: string }

/** Runs a program of node_modules/.bin as npm would: of the checkout, else of a folder above it. */
export function run(root: string, program: string, args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, PATH: `${binFolders(root).join(':')}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (part: string): void => {
      output += part
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output: output.trim() }))
  })
}

function binFolders(folder: string): string[] {
  const here = join(folder, 'node_modules', '.bin')
  return dirname(folder) === folder ? [here] : [here, ...binFolders(dirname(folder))]
}
