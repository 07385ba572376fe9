/** `npm run servers`: real servers that speak like AWS STS, asked by real sidecars. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { killAll } from '../conformance/process.ts'
import { prepareCeph } from './cephChecks.ts'
import type { Check } from './checks.ts'
import { type Ground, prepareGround } from './ground.ts'
import { installCeph } from './install.ts'
import { prepareMinio } from './minioChecks.ts'
import { help, readOptions, type ServerName, UsageError } from './options.ts'

/** What is to happen at the end, the last one first. */
const ends: (() => unknown)[] = []

const preparations: Readonly<Record<ServerName, (ground: Ground) => Promise<readonly Check[]>>> = {
  ceph: async (ground) => {
    await installCeph()
    return prepareCeph(ground)
  },
  minio: prepareMinio,
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options.help) {
    process.stdout.write(help)
    return 0
  }
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-servers-'))
  leaveNothing(folder)
  try {
    const ground = await prepareGround(folder, (end) => void ends.unshift(end))
    let [tried, failed] = [0, 0]
    for (const name of options.chosen) {
      const checks = await prepare(name, ground)
      for (const check of checks) if (!(await tryOne(name, check))) failed += 1
      tried += checks.length
    }
    say(`${tried} checks, ${failed} failed`)
    return failed === 0 ? 0 : 1
  } finally {
    await endAll()
  }
}

async function endAll(): Promise<void> {
  for (let end = ends.shift(); end !== undefined; end = ends.shift()) await end()
}

/** A server that cannot be started is a check that failed. */
async function prepare(name: ServerName, ground: Ground): Promise<readonly Check[]> {
  try {
    say(`${name}: starting`)
    return await preparations[name](ground)
  } catch (thrown) {
    return [{ name: 'starts', run: () => Promise.reject(thrown) }]
  }
}

async function tryOne(server: ServerName, { name, run }: Check): Promise<boolean> {
  try {
    say(`${server}: ok      ${name}: ${await run()}`)
    return true
  } catch (thrown) {
    say(`${server}: FAILED  ${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    return false
  }
}

/** Keys of the run are in there, so it goes however the run ends; whoever reads may have seen enough. */
function leaveNothing(folder: string): void {
  process.stdout.on('error', () => {})
  process.on('exit', () => {
    killAll()
    rmSync(folder, { recursive: true, force: true })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void endAll().finally(() => process.exit(130)))
}

const began = performance.now()
const say = (line: string): void =>
  void process.stdout.write(`${String(Math.round((performance.now() - began) / 1_000)).padStart(4)} s  ${line}\n`)

try {
  process.exitCode = await main()
} catch (error) {
  const usage = error instanceof UsageError
  process.stderr.write(usage ? `${error.message}\n\n${help}` : `${error instanceof Error ? error.stack : error}\n`)
  process.exitCode = usage ? 2 : 1
}
