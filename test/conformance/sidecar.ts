import { get } from 'node:http'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { NODE_COMPILE_CACHE, type Pod } from './pod.ts'
import { type Process, startProcess } from './process.ts'

const program = fileURLToPath(new URL('../../cmd/demoSidecar.ts', import.meta.url))

/** The product's own sidecar, but for a clock that can be set ahead. */
export type Sidecar = {
  /** Resolves when it listens: credentials may not be there yet. */
  start(): Promise<void>
  /** Resolves when the start gate is open. */
  ready(): Promise<void>
  /** By its clock, time passes. */
  pass(minutes: number): Promise<void>
  /** Resolves when it has logged that so often in all. */
  said(text: string, times?: number): Promise<void>
  kill(): Promise<void>
}

export function createSidecar(pod: Pod): Sidecar {
  let running: Process | undefined
  const alive = (): Process => {
    if (running === undefined) throw new Error('the sidecar does not run')
    return running
  }
  return {
    start: async () => {
      const env = { ...pod.sidecarEnv, NODE_COMPILE_CACHE }
      running = startProcess({ command: [process.execPath, program], env, cwd: pod.folder }, true)
      await running.said('"msg":"sidecar started"')
    },
    ready: async () => {
      if ((await fetchStatus(pod.ports.metrics, '/startupz?wait=30')) !== 200)
        throw new Error(`the start gate stayed shut: ${alive().stderr().slice(-2_000)}`)
    },
    pass: async (minutes) => {
      alive().send({ aheadMinutes: minutes })
      // When this is answered, the message before it has been read.
      await fetchStatus(pod.ports.metrics, '/healthz')
    },
    said: (text, times) => alive().said(text, times),
    kill: async () => {
      await running?.kill()
      running = undefined
    },
  }
}

function fetchStatus(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    }).on('error', reject)
  })
}
