import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Milliseconds, Session } from '../credentials/types.ts'
import { Failure, toFailure } from '../errors/index.ts'

export type GateOptions = {
  /** The sidecar's own memory emptyDir: it outlives the container, and the sandbox. */
  readonly stateDir: string
  /** What names the pod's sandbox: the target of /proc/self/ns/net. */
  readonly sandbox: string
  /** The gate opens by itself once each of them has held credentials. */
  readonly sessions: readonly Session[]
  /** Told when the gate opened but could not leave its marker. */
  onFailure?(failure: Failure): void
  /** Resolves after that time; a timer by default. */
  delay?(time: Milliseconds): Promise<void>
}

export type StartGate = {
  passed(): boolean
  /** Opens the gate and leaves the marker. Throws Failure StateUnwritable, and is open all the same. */
  pass(): void
  /** Settles when the gate opens; already settled after a mere restart in the same sandbox. */
  readonly opened: Promise<void>
  /** Stops watching the sessions. */
  stop(): void
}

const WATCH: Milliseconds = 1_000
/** Keeps the watch from spinning where sessions answer at once. */
const PAUSE: Milliseconds = 50

/**
 * The gate that holds back the pod's containers until all credentials are there; once for a sandbox. The marker names
 * the sandbox because the emptyDir survives one: a new sandbox starts the app anew, a restarted sidecar does not.
 */
export function startGate(options: GateOptions): StartGate {
  const marker = join(options.stateDir, 'gate')
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let isOpen = false
  let watching = true

  const pass = (): void => {
    if (isOpen) return
    isOpen = true
    watching = false
    open()
    writeMarker(marker, options.sandbox)
  }
  if (readMarker(marker) === options.sandbox) {
    isOpen = true
    open()
  } else {
    void watch(options, () => watching).then(() => {
      if (!watching) return
      try {
        pass()
      } catch (error) {
        options.onFailure?.(toFailure(error))
      }
    })
  }
  const stop = (): void => {
    watching = false
  }
  return { passed: () => isOpen, pass, opened, stop }
}

/** Resolves when every session has held credentials once, not necessarily all at one time, or nobody watches any more. */
async function watch({ sessions, delay = pause }: GateOptions, watching: () => boolean): Promise<void> {
  await Promise.all(
    sessions.map(async (session) => {
      while (watching() && session.view().kind === 'none') {
        await session.asked(WATCH).catch(() => undefined)
        if (session.view().kind === 'none') await delay(PAUSE)
      }
    }),
  )
}

const pause = (time: Milliseconds): Promise<void> => new Promise((resolve) => setTimeout(resolve, time).unref())

function readMarker(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // None, or one that cannot be read: the gate then waits for credentials as at the first start.
  }
}

function writeMarker(path: string, sandbox: string): void {
  try {
    rmSync(`${path}.new`, { force: true, recursive: true })
    writeFileSync(`${path}.new`, sandbox, { mode: 0o400, flag: 'wx' })
    renameSync(`${path}.new`, path)
  } catch (error) {
    const message = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected error'
    throw new Failure({ code: 'StateUnwritable', field: path, message })
  }
}
