import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../errors/index.ts'

export type StateFile = {
  /** What an earlier run of the sidecar left, whatever it is; undefined where there is nothing readable. */
  readonly load: () => unknown
  /** Replaces it as a whole. Throws Failure StateUnwritable. */
  readonly save: (state: unknown) => void
}

/** A JSON file in the sidecar's own memory volume, readable by the sidecar's user alone: it holds secrets. */
export function stateFile(directory: string, name = 'state.json'): StateFile {
  const path = join(directory, name)
  const fresh = `${path}.new`
  return {
    load: () => parse(path),
    save: (state) => {
      try {
        mkdirSync(directory, { recursive: true })
        rmSync(fresh, { force: true })
        writeFileSync(fresh, JSON.stringify(state), { mode: 0o400, flag: 'wx' })
        renameSync(fresh, path)
      } catch (thrown) {
        const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
        throw new Failure({ code: 'StateUnwritable', field: path, message: `it cannot be written (${reason})` })
      }
    },
  }
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
