/** `npm run example`: the example application in a real browser, with real providers, a real STS and a real S3. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { CHROMIUM, FAKETIME } from './tools.ts'

const help = `The example application, examples/web-login, as its users meet it.

Usage:
  npm run example -- [--screenshots]

Flags:
  --screenshots   Writes docs/images/web-login-*.png anew.

Two users of two sign-in providers sign in with Chromium, put and get files, and try what is not theirs: with the
broker as a process, Ceph's object gateway as STS and S3, and the app as a process behind TLS.
Needs Debian's packages chromium, faketime, radosgw, ceph-mon, ceph-osd and ceph-common. All of it runs on the loopback
and is gone afterwards.
Exit codes: 0 all passed, 1 something failed or was skipped, 2 called wrongly or a program is missing, 130 stopped.
`

class UsageError extends Error {}

const isOnPath = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

function missing(): readonly string[] {
  const programs = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool']
  return [
    ...programs.filter((program) => !isOnPath(program)),
    ...(existsSync(CHROMIUM) ? [] : [CHROMIUM]),
    ...(FAKETIME === undefined ? ['libfaketime.so.1'] : []),
  ]
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { screenshots: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const absent = missing()
  if (absent.length > 0) throw new UsageError(`not on this machine: ${absent.join(', ')} (see --help)`)
  return runTests(values.screenshots === true)
}

/** In a process group and a folder of their own: however the run ends, nothing that they started outlives it. */
function runTests(screenshots: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-example-'))
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/example/vitest.config.ts']
  const env = { ...process.env, TMPDIR: folder, ...(screenshots && { EXAMPLE_SCREENSHOTS: 'docs/images' }) }
  const child = spawn(process.execPath, vitest, { stdio: 'inherit', env, detached: true })
  process.on('exit', () => {
    endGroup(child.pid)
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

try {
  process.exitCode = await main()
} catch (thrown) {
  process.stderr.write(`example: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = thrown instanceof UsageError || (thrown instanceof TypeError && 'code' in thrown) ? 2 : 1
}
