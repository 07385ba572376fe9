import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Seen } from './attack.ts'
import type { Order } from './attackerChild.ts'
import type { Asked } from './clientChild.ts'
import type { Sidecar } from './sidecar.ts'

/** How long an attack may take, or the client for some requests; what is not over by then has failed. Milliseconds. */
const DEADLINE = 180_000

type Stderr = 'inherit' | 'pipe'

const start = (program: string, env: Readonly<Record<string, string>>, stderr: Stderr = 'inherit'): ChildProcess =>
  fork(fileURLToPath(new URL(program, import.meta.url)), [], { env, stdio: ['ignore', 'inherit', stderr, 'ipc'] })

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

/** Characters. */
const MOST_SAID = 10_000

/** An app of that pod: with what the webhook would set, and no file of anybody's. */
export function startClient({ target, appEnv, folder }: Sidecar): RealClient {
  const child = start('clientChild.ts', { HOME: folder, AWS_REGION: 'eu-west-1', ...appEnv }, 'pipe')
  // The SDK warns of whoever makes it wait, which attackers do.
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID)
  })
  const asked: Asked[] = []
  child.on('message', (one) => void asked.push(one as Asked))
  const { promise: ended, reject } = Promise.withResolvers<never>()
  ended.catch(() => undefined)
  child.once('close', () => reject(new Error(`the client of ${target.protocol} ended: ${said}`)))
  const more = async (count: number): Promise<void> => {
    const until = asked.length + count
    const { promise, resolve, reject: fail } = Promise.withResolvers<void>()
    const late = `the client of ${target.protocol} did not ask ${count} times within ${DEADLINE / 1_000} s: `
    const timer = setTimeout(() => fail(new Error(late + said)), DEADLINE)
    const look = (): void => {
      if (asked.length >= until) resolve()
    }
    child.on('message', look)
    await Promise.race([promise, ended]).finally(() => clearTimeout(timer))
    child.off('message', look)
  }
  return { asked, more, stop: () => void child.kill('SIGKILL') }
}
