import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export type Program = {
  readonly command: readonly string[]
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
}

/** A process that goes on, and is killed when it is told to stop. */
export type Process = {
  readonly pid: number
  send(message: object): void
  /** The end of what it said on standard error. */
  stderr(): string
  /** Resolves when standard error holds that so often; rejects when the process ends before. */
  said(text: string, times?: number): Promise<void>
  write(line: string): void
  /** The next line of its standard output; undefined when there is none any more. */
  line(): Promise<string | undefined>
  kill(): Promise<void>
}

const KEPT = 20_000
const LONGEST_WAIT = 120_000

/** The first that comes; undefined where none does in that time. */
export async function within<T>(milliseconds: number, events: readonly Promise<T>[]): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(resolve, milliseconds, undefined)
  try {
    return await Promise.race([...events, late])
  } finally {
    clearTimeout(timer)
  }
}

const alive = new Set<ChildProcess>()

/** What is left when the run ends in a hurry. */
export function killAll(): void {
  for (const child of alive) child.kill('SIGKILL')
}

export function startProcess({ command, env, cwd }: Program, listens = false): Process {
  const [file = '', ...args] = command
  const child = spawn(file, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe', ...(listens ? (['ipc'] as const) : [])] })
  alive.add(child)
  const ended = Promise.race([once(child, 'close'), once(child, 'error')])
    .catch(() => undefined)
    .finally(() => alive.delete(child))
  const watchers = new Set<() => void>()
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT)
    for (const look of watchers) look()
  })
  child.stdin?.on('error', () => {})
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.send(message),
    stderr: () => stderr,
    said: async (text, times = 1) => {
      const { promise, resolve } = Promise.withResolvers<'said'>()
      const look = (): void => void (stderr.split(text).length > times && resolve('said'))
      watchers.add(look)
      look()
      const outcome = await within(LONGEST_WAIT, [promise, ended.then(() => 'ended')])
      watchers.delete(look)
      if (outcome === undefined) throw new Error(`${file} has not said ${text} within ${LONGEST_WAIT / 1_000} s`)
      if (outcome === 'ended') throw new Error(`${file} ended: ${stderr.trim().slice(-2_000)}`)
    },
    write: (line) => void child.stdin?.write(`${line}\n`),
    line: linesOf(child),
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}

function linesOf(child: ChildProcess): Process['line'] {
  if (child.stdout === null) return () => Promise.resolve(undefined)
  // Not the iterator of readline, which loses lines that come before it is asked.
  const lines: string[] = []
  let [open, wake] = [true, (): void => {}]
  createInterface({ input: child.stdout })
    .on('line', (line) => {
      lines.push(line)
      wake()
    })
    .on('close', () => {
      open = false
      wake()
    })
  return async () => {
    while (lines.length === 0 && open)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    return lines.shift()
  }
}
