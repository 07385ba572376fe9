import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from '../credentials/types.ts'
import { Failure } from '../errors/index.ts'

export type GateOptions = {
  /** The sidecar's own memory emptyDir: it outlives the container, and the sandbox. */
  readonly stateDir: string
  /** What names the pod's sandbox (`nameSandbox`); where nothing does, no marker counts and none is left. */
  readonly sandbox: string | undefined
  /** The gate opens once each of them has held credentials. */
  readonly sessions: readonly Session[]
  /** Told when the gate opened but could not leave its marker. */
  onFailure?(failure: Failure): void
}

export type StartGate = {
  passed(): boolean
  /** Settles when the gate opens; already settled after a mere restart in the same sandbox. */
  readonly opened: Promise<void>
  /** To be called when a session has settled: opens the gate once each has held credentials, not all at one time. */
  onSettled(): void
}

/**
 * The gate that holds back the pod's containers until all credentials are there; once for a sandbox. The marker names
 * the sandbox because the emptyDir survives one: a new sandbox starts the app anew, a restarted sidecar does not.
 */
export function startGate({ stateDir, sandbox, sessions, onFailure }: GateOptions): StartGate {
  const marker = join(stateDir, 'gate')
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  let awaited = sessions
  let passed = false

  const pass = (): void => {
    passed = true
    open()
  }
  const onSettled = (): void => {
    awaited = awaited.filter((session) => session.view().kind !== 'held')
    if (passed || awaited.length > 0) return
    pass()
    const failure = sandbox === undefined ? undefined : writeMarker(marker, sandbox)
    if (failure !== undefined) onFailure?.(failure)
  }

  if (sandbox !== undefined && readMarker(marker) === sandbox) pass()
  // What an earlier run left may be enough.
  onSettled()
  return { passed: () => passed, opened, onSettled }
}

function readMarker(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // None, or one that cannot be read: the gate then waits for credentials as at the first start.
  }
}

function writeMarker(path: string, sandbox: string): Failure | undefined {
  try {
    rmSync(`${path}.new`, { force: true, recursive: true })
    writeFileSync(`${path}.new`, sandbox, { mode: 0o400, flag: 'wx' })
    renameSync(`${path}.new`, path)
    return undefined
  } catch (error) {
    const message = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected error'
    return new Failure({ code: 'StateUnwritable', field: path, message })
  }
}
