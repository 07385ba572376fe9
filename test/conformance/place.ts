import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Missing, type Place } from './client.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const builds = fileURLToPath(new URL('../../node_modules/.cache/lanyard-conformance/', import.meta.url))

const SHOWN = 2_000

/** Where a client is made ready. */
export function placeOf(client: string): Place {
  const build = join(builds, client)
  mkdirSync(build, { recursive: true })
  return {
    source: join(here, 'clients', client),
    build,
    run: ([file = '', ...args], { cwd = build, env = {} } = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
        let [stdout, said] = ['', '']
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text
          said = (said + text).slice(-SHOWN)
        })
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-SHOWN)
        })
        child.once('error', (error: NodeJS.ErrnoException) =>
          reject(error.code === 'ENOENT' ? new Missing(`${file} is not on this machine`) : error),
        )
        child.once('close', (code) =>
          code === 0
            ? resolve(stdout)
            : reject(new Error(`${file} ${args.join(' ')} ended with ${code}: ${said.trim()}`)),
        )
      }),
  }
}
