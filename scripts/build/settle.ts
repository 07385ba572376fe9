import { chmodSync, lutimesSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const PROGRAM = 0o755
const FILE = 0o644

/**
 * Gives all of a folder, and itself, one time, in seconds since 1970, and modes that do not depend on who checked the
 * sources out and with what umask: of the same files every builder then makes the same layer.
 */
export function settle(folder: string, seconds: number): void {
  const entries = readdirSync(folder, { withFileTypes: true })
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      settle(path, seconds)
      continue
    }
    chmodSync(path, (statSync(path).mode & 0o100) === 0 ? FILE : PROGRAM)
    lutimesSync(path, seconds, seconds)
  }
  chmodSync(folder, PROGRAM)
  // The folder's own comes last: what happens in it would change it.
  lutimesSync(folder, seconds, seconds)
}

/** `SOURCE_DATE_EPOCH`, as reproducible-builds.org has it; 1970 where it is not set. Throws for what is no whole number. */
export function epochOf(env: Readonly<Record<string, string | undefined>>): number {
  const text = env['SOURCE_DATE_EPOCH'] ?? ''
  if (text === '') return 0
  if (!/^\d{1,10}$/.test(text)) throw new Error(`SOURCE_DATE_EPOCH is no number of seconds since 1970: ${text}`)
  return Number(text)
}
