import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** Says what is to happen when the test is over; concurrent tests hand in the one of their own context. */
export type AtEnd = (end: () => unknown) => void
const atTestEnd: AtEnd = (end) => onTestFinished(async () => void (await end()))

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null }
export type Running = {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves when both streams together match so often; rejects, with what it said, when the process ends before that. */
  readonly said: (pattern: RegExp, times?: number) => Promise<void>
  readonly ended: Promise<Ended>
  readonly kill: (signal: NodeJS.Signals) => Promise<Ended>
  /** A message to a process that was started with `ipc`. */
  readonly send: (message: object) => void
  /** Closes our end of its streams: whatever it writes from now on fails. */
  readonly turnAway: () => void
}

export type Start = {
  /** A program of `cmd/`, such as `lanyard.ts`. */
  readonly program: string
  readonly args?: readonly string[]
  /** Its whole environment, but for Node's compile cache. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** What comes on its standard input; nothing at all without. */
  readonly input?: string | Uint8Array
  readonly ipc?: boolean
  readonly atEnd?: AtEnd
}

/** Node keeps there what it made of the sources: processes start in a third of the time. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/lanyard-tests', import.meta.url))

/** Starts a program of this project as a process of its own, killed with the test at the latest. */
export function start(options: Start): Running {
  const { program, args = [], env = {}, cwd, input, ipc = false, atEnd = atTestEnd } = options
  const path = fileURLToPath(new URL(`../../cmd/${program}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], {
    env: { NODE_COMPILE_CACHE, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  })
  // Who does not read it to its end has seen enough.
  child.stdin?.on('error', () => {}).end(input)
  const texts = { stdout: '', stderr: '' }
  const watchers = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      for (const look of watchers) look()
    })
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal }))
  const said = async (pattern: RegExp, times = 1): Promise<void> => {
    const all = new RegExp(pattern, 'g')
    const { promise, resolve } = Promise.withResolvers<'said'>()
    const look = (): void => {
      if (((texts.stdout + texts.stderr).match(all)?.length ?? 0) >= times) resolve('said')
    }
    watchers.add(look)
    look()
    const outcome = await Promise.race([promise, ended.then(() => 'ended')])
    watchers.delete(look)
    if (outcome === 'ended') throw new Error(`${program} ended without ${pattern}: ${texts.stdout}${texts.stderr}`)
  }
  const kill = async (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal)
    return await ended
  }
  atEnd(() => (child.exitCode === null && child.signalCode === null ? kill('SIGKILL') : undefined))
  return {
    pid: child.pid ?? 0,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    said,
    ended,
    kill,
    send: (message) => void child.send(message),
    turnAway: () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
  }
}

export type Finished = Ended & { readonly stdout: string; readonly stderr: string }

/** Runs a program to its end. */
export async function finish(options: Start): Promise<Finished> {
  const running = start(options)
  return { ...(await running.ended), stdout: running.stdout(), stderr: running.stderr() }
}

export function scratch(atEnd: AtEnd = atTestEnd): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-test-'))
  atEnd(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/**
 * A TCP port that nobody listens on, below those that the system hands out by itself: between now and the moment that a
 * process listens on it, nobody takes it by chance. Of the processes that ask for one at the same time each has its own: as
 * long as it lives it holds the UDP port of that number, which nothing else is done with.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    if ((await isMine(port)) && (await canListen(port))) return port
  }
}

function isMine(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref()
  return new Promise((resolve) => {
    socket.once('error', () => socket.close(() => resolve(false)))
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
}

function canListen(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
