import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { AtEnd } from '../../support/processes.ts'
import { canPin } from './process.ts'

/** What is asked, over and over, on so many connections that stay open; a connection asks again once it has its answer. */
export type Load = {
  readonly port: number
  /** PEM of the server's authority, where it speaks TLS. */
  readonly ca?: string
  /** The request, head and body. */
  readonly request: string
  /** Every answer holds this. */
  readonly expect: string
  readonly connections: number
  /** Ends after so many requests, or after so many milliseconds. */
  readonly requests?: number
  readonly time?: number
}

/** Latencies in milliseconds. */
export type Loaded = {
  readonly requests: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export type Loader = (load: Load) => Promise<Loaded>

/** Of two processors the second: the first is the server's. */
const CPU = '1'

/** A process of its own that asks. Throws what it met in place of an answer. */
export function startLoader(atEnd: AtEnd): Loader {
  const child: ChildProcess = fork(fileURLToPath(new URL('loadMain.ts', import.meta.url)), [], {
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(canPin && { execPath: 'taskset', execArgv: ['-c', CPU, process.execPath] }),
  })
  atEnd(() => void child.kill('SIGKILL'))
  return async (load) => {
    child.send(load)
    const [answer] = (await once(child, 'message')) as [Loaded | { readonly failed: string }]
    if ('failed' in answer) throw new Error(`the load met something else than an answer: ${answer.failed}`)
    return answer
  }
}
