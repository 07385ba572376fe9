import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { AtEnd } from '../../support/processes.ts'

/** MiB. `dirty` is what each further process costs; the rest of `rss` are pages of files, which processes share. */
export type Memory = { readonly rss: number; readonly dirty: number }

/** A process under measurement. */
export type Subject = {
  readonly pid: number
  /** When it was started, on the clock of `performance`. */
  readonly began: number
  readonly memory: () => Memory
  /** Milliseconds on a processor so far, of all threads that still run. */
  readonly cpu: () => number
  readonly threads: () => number
  readonly child: ChildProcess
  /** All that it said on standard error. */
  readonly said: () => string
  readonly stop: () => Promise<void>
}

export type Launch = {
  readonly argv: readonly string[]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** The one processor that it may use. */
  readonly cpu?: number
  readonly ipc?: boolean
  /** Of another program than Node. */
  readonly program?: string
  readonly atEnd: AtEnd
}

/** The image's. */
const IMAGE_USER = 29_797
export type User = { readonly uid?: number; readonly gid?: number }
/** Only root can start a process as another user, to whom Node and the baselines must be readable. */
export const user: User = canRunAs({ uid: IMAGE_USER, gid: IMAGE_USER }) ? { uid: IMAGE_USER, gid: IMAGE_USER } : {}

function canRunAs(other: User): boolean {
  if (process.getuid?.() !== 0) return false
  const baseline = fileURLToPath(new URL('../baselines/http.cjs', import.meta.url))
  return spawnSync(process.execPath, ['--check', baseline], { ...other, cwd: '/', env: {} }).status === 0
}

/** Whether there is a processor for the server and another one for whoever asks. */
export const canPin = spawnSync('taskset', ['-c', '1', 'true']).status === 0
const pinned = (cpu: number | undefined, command: readonly string[]): readonly string[] =>
  cpu === undefined || !canPin ? command : ['taskset', '-c', String(cpu), ...command]

/** Starts a program of Node as the image's user. */
export function launch({ argv, env, cpu, ipc = false, program = process.execPath, atEnd }: Launch): Subject {
  const [command = '', ...args] = pinned(cpu, [program, ...argv])
  const began = performance.now()
  const child = spawn(command, args, {
    ...user,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', ...env },
    stdio: ['ignore', 'ignore', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  })
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    text = (text + part).slice(-10_000)
  })
  const pid = child.pid ?? 0
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  atEnd(stop)
  return {
    pid,
    began,
    child,
    memory: () => memoryOf(pid),
    cpu: () => cpuOf(pid),
    threads: () => readdirSync(`/proc/${pid}/task`).length,
    said: () => text,
    stop,
  }
}

/** Throws where the process has ended. */
function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024
  return { rss: read('Rss'), dirty: read('Private_Dirty') }
}

/** schedstat counts nanoseconds, where stat has ticks of 10 ms. Threads that have ended are not in it. */
function cpuOf(pid: number): number {
  const spent = readdirSync(`/proc/${pid}/task`).map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0]),
  )
  return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e6
}
