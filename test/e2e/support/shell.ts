import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string }
export type RunOptions = {
  readonly input?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds; what takes longer is killed and has code 124, as timeout(1) has it. */
  readonly timeout?: number
}

/** Runs a program to its end; never throws for what it answers. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input = '', cwd, env, timeout = 120_000 } = options
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
    const out = { stdout: '', stderr: '' }
    let late = false
    const timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeout)
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (part: string) => {
        out[name] += part
      })
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(error.code === 'ENOENT' ? new Error(`${program} is not on the PATH`) : error)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: late ? 124 : (code ?? 1), ...out })
    })
    // Whoever does not read to the end is no failure of ours.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** Runs a program that must succeed, and answers what it printed. */
export async function must(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code === 0) return stdout
  throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${tail(stderr === '' ? stdout : stderr)}`)
}

/** Starts a program whose output is this process's. */
export const start = (program: string, args: readonly string[]): ChildProcess =>
  spawn(program, args, { stdio: 'inherit' })

const MOST = 4_000
const tail = (text: string): string => (text.length > MOST ? `…${text.slice(-MOST)}` : text).trim()
