import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { PROGRAM, send } from '../integration/sidecar/pod.ts'
import { NODE_COMPILE_CACHE, type Pod } from './pod.ts'
import { type Process, startProcess } from './process.ts'

const program = fileURLToPath(new URL(`../../cmd/${PROGRAM}`, import.meta.url))

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
  /** How many requests its endpoint has answered with that status since it started. */
  answered(status: number): Promise<number>
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
      if ((await send({ port: pod.ports.metrics, path: '/startupz?wait=30' })).status !== 200)
        throw new Error(`the start gate stayed shut: ${alive().stderr().slice(-2_000)}`)
    },
    pass: async (minutes) => {
      alive().send({ aheadMinutes: minutes })
      // When this is answered, the message before it has been read.
      await send({ port: pod.ports.metrics, path: '/healthz' })
    },
    said: (text, times) => alive().said(text, times),
    answered: async (status) => {
      const { text } = await send({ port: pod.ports.metrics, path: '/metrics' })
      return Number(
        new RegExp(`^lanyard_endpoint_requests_total\\{.*code="${status}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0,
      )
    },
    kill: async () => {
      await running?.kill()
      running = undefined
    },
  }
}
