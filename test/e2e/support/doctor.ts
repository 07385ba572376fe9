/** `lanyard doctor` as its users run it: the real command, as a process of its own. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { formatChecked, formatSummary } from '../../../src/doctor/report.ts'
import type { Checked } from '../../../src/doctor/types.ts'
import { styleFor } from '../../../src/terminal/style.ts'
import { told } from './settings.ts'
import { must, run } from './shell.ts'

export type Diagnosis = {
  readonly exit: number
  readonly verdict: string
  /** Where to begin; null where all is well. */
  readonly first: Checked['findings'][number] | null
  readonly checks: readonly Checked[]
  readonly progress: string
}

/** Where `npm ci` takes it away. */
const COMPILED_ONCE = { NODE_COMPILE_CACHE: 'node_modules/.cache/node' } as const

export async function diagnose(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Diagnosis> {
  const { code, stdout, stderr } = await run(process.execPath, ['cmd/lanyard.ts', 'doctor', ...args, '--json'], {
    env: { ...COMPILED_ONCE, ...env },
  })
  if (!stdout.startsWith('{')) throw new Error(`lanyard doctor ${args.join(' ')} ended with ${code}:\n${stderr}`)
  return { ...JSON.parse(stdout), exit: code, progress: stderr }
}

/** What a person sees. */
export async function diagnoseForPeople(args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, ['cmd/lanyard.ts', 'doctor', ...args])
  return stdout + stderr
}

/** What a person would have seen, kept beside what failed. */
export function keep(title: string, { checks }: Diagnosis): string {
  const style = styleFor(process.stderr)
  const text = [...checks.map((each) => formatChecked(each, style)), formatSummary(checks, style)].join('')
  appendFileSync(join(told().artifacts, 'doctor.txt'), `# ${title}\n${text}\n`)
  return text
}

/** Those that fail, for a message that says why a healthy pod is called ill. */
export const failing = ({ checks }: Diagnosis): readonly object[] =>
  checks
    .filter(({ verdict }) => verdict === 'fail')
    .map(({ id, findings }) => ({ id, findings: findings.filter(({ verdict }) => verdict === 'fail') }))

export const OLD_CLIENT = 'lanyard-old-client:e2e'

/** Builds the app with the old SDK, and loads it into the cluster. */
export async function loadOldClient(): Promise<void> {
  const { images, load } = told()
  const folder = join(process.cwd(), 'test/e2e/images')
  const args = ['build', '-q', '-t', OLD_CLIENT, '--build-arg', `CLIENT_IMAGE=${images.client}`]
  await must('docker', [...args, '-f', join(folder, 'oldClient.Dockerfile'), folder], { timeout: 300_000 })
  await must('sh', ['-c', load.replaceAll('{}', OLD_CLIENT)], { timeout: 300_000 })
}
