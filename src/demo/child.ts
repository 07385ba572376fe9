import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Failure } from '../errors/index.ts'

export type Program = {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Whether it takes messages of ours, by a variable more (NODE_CHANNEL_FD). */
  readonly listens?: true
}
/** Whatever must be gone at the end of the demo. */
export type Stoppable = { readonly stop: () => Promise<void> }
export type Child = Stoppable & {
  /** What it wrote so far, both streams. */
  readonly output: () => string
  /** Resolves when the output matches; rejects when the process ends first. */
  readonly said: (pattern: RegExp) => Promise<void>
  readonly send: (message: object) => void
}

/** Its whole environment is what is given: nothing of ours leaks into what stands for a container. */
function open({ command, env, cwd, listens }: Program): ChildProcess {
  const [file = '', ...args] = command
  return spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', ...(listens ? (['ipc'] as const) : [])] })
}

/** Starts a process that goes on. */
export function startChild(program: Program, name: string): Child {
  const child = open(program)
  const watchers = new Set<() => void>()
  let output = ''
  const take = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
    for (const look of watchers) look()
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  const ended = once(child, 'close')
  const said = async (pattern: RegExp): Promise<void> => {
    let look = (): void => {}
    const heard = new Promise<'said'>((resolve) => {
      look = () => {
        if (pattern.test(output)) resolve('said')
      }
      watchers.add(look)
      look()
    })
    const outcome = await Promise.race([heard, ended.then(() => 'ended')])
    watchers.delete(look)
    if (outcome === 'ended') throw new Failure({ code: 'DemoFailed', message: `${name} ended: ${output.trim()}` })
  }
  return { output: () => output, said, send: (message) => void child.send(message), stop: stopper(child, ended) }
}

function stopper(child: ChildProcess, ended: Promise<unknown>): Stoppable['stop'] {
  return async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
  }
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a process to its end; `keep` is told of it meanwhile, for an end of the demo that does not wait. */
export async function runChild(program: Program, keep: (child: Stoppable) => unknown): Promise<Ended> {
  const child = open(program)
  const ended = once(child, 'close')
  keep({ stop: stopper(child, ended) })
  const texts = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString('utf8')
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString('utf8')
  })
  const [code] = (await ended) as [number | null]
  return { code: code ?? 1, ...texts }
}
