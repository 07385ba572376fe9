import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Seen } from './attack.ts'
import type { Order } from './attackerChild.ts'
import type { Asked } from './clientChild.ts'
import type { Sidecar } from './sidecar.ts'

/** How long an attack may take; one that is not over by then has failed. */
const DEADLINE = 60_000

const start = (program: string, env: Readonly<Record<string, string>>): ChildProcess =>
  fork(fileURLToPath(new URL(program, import.meta.url)), [], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })

export type Attacker = { readonly order: (order: Order) => Promise<Seen>; readonly stop: () => void }

export function startAttacker(): Attacker {
  let child = start('attackerChild.ts', {})
  const order = async (what: Order): Promise<Seen> => {
    const { promise, resolve } = Promise.withResolvers<Seen>()
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      child = start('attackerChild.ts', {})
      resolve({ seen: `no end within ${DEADLINE / 1_000} s` })
    }, DEADLINE)
    child.once('message', (seen) => resolve(seen as Seen))
    child.send(what)
    const seen = await promise
    clearTimeout(timer)
    return seen
  }
  return { order, stop: () => void child.kill('SIGKILL') }
}

export type RealClient = {
  readonly asked: readonly Asked[]
  /** Resolves when it has asked so many times more. */
  readonly more: (count: number) => Promise<void>
  readonly stop: () => void
}

/** An app of that pod: with what the webhook would set, and no file of anybody's. */
export function startClient({ target, appEnv, folder }: Sidecar): RealClient {
  const child = start('clientChild.ts', { HOME: folder, AWS_REGION: 'eu-west-1', ...appEnv })
  const asked: Asked[] = []
  child.on('message', (one) => void asked.push(one as Asked))
  const { promise: ended, reject } = Promise.withResolvers<never>()
  ended.catch(() => undefined)
  child.once('exit', () => reject(new Error(`the client of ${target.protocol} ended`)))
  const more = async (count: number): Promise<void> => {
    const until = asked.length + count
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (asked.length >= until) resolve()
    }
    child.on('message', look)
    await Promise.race([promise, ended])
    child.off('message', look)
  }
  return { asked, more, stop: () => void child.kill('SIGKILL') }
}
