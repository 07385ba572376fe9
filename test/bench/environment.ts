import { execFileSync } from 'node:child_process'
import { cpus, release } from 'node:os'
import process from 'node:process'
import { VERSION } from '../../src/version.ts'
import { canPin, user } from './support/process.ts'

/** Where figures come from. */
export type Environment = {
  readonly lanyard: string
  /** With `-dirty` where something was changed and not committed. */
  readonly commit: string
  readonly node: string
  readonly v8: string
  readonly processor: string
  readonly processors: number
  readonly kernel: string
  /** Server and client had a processor each. */
  readonly pinned: boolean
  /** Servers ran as the image's user, not as whoever called. */
  readonly imageUser: boolean
  /** When the run began, as ISO 8601. */
  readonly date: string
}

export const describeEnvironment = (now: Date): Environment => ({
  lanyard: VERSION,
  commit: describeCommit(),
  node: process.versions.node,
  v8: process.versions.v8,
  processor: cpus()[0]?.model ?? 'unknown',
  processors: cpus().length,
  kernel: `${process.platform} ${release()} ${process.arch}`,
  pinned: canPin,
  imageUser: user.uid !== undefined,
  date: now.toISOString(),
})

/** What is released is no checkout, and git may be missing. */
function describeCommit(): string {
  try {
    const args = ['describe', '--always', '--abbrev=12', '--dirty', '--exclude=*']
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}
