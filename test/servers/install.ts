/** What is missing is installed: Debian's packages by apt, programs in Go from their modules. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cephPackages } from './ceph.ts'

/** Of the repository, so that a checkout builds them once. */
const bin = fileURLToPath(new URL('../../.ci/cache/bin', import.meta.url))

/** The last one of the project, which is archived. */
const MINIO = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c'

/** Throws with what to do, where it cannot install them. */
export async function installCeph(): Promise<void> {
  const programs = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'monmaptool', 'ceph']
  if ((await Promise.all(programs.map(isThere))).every(Boolean)) return
  const names = cephPackages.join(' ')
  if (process.getuid?.() !== 0)
    throw new Error(`Ceph is missing: sudo apt-get install --no-install-recommends ${names}`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '--quiet=2'], env)
  await run('apt-get', ['install', '--yes', '--no-install-recommends', ...cephPackages], env)
}

/** The path of the program; it takes minutes where it has to be built. Throws with what to do, where Go is missing. */
export async function installMinio(): Promise<string> {
  const program = join(bin, 'minio')
  if (existsSync(program)) return program
  if (!(await isThere('go'))) throw new Error('MinIO is built from its Go module, and there is no go on the PATH')
  mkdirSync(bin, { recursive: true })
  await run('go', ['install', '-ldflags=-s -w', MINIO], { GOBIN: bin, CGO_ENABLED: '0' })
  return program
}

const isThere = (program: string): Promise<boolean> =>
  promisify(execFile)('which', [program]).then(
    () => true,
    () => false,
  )

async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  const stop = (): void => void child.kill()
  process.once('exit', stop)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  const [code] = await Promise.race([once(child, 'close'), once(child, 'error').then(([error]) => [String(error)])])
  process.off('exit', stop)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed (${code}): ${said}`)
}
