import type { RequestRecord, Sts } from '../../src/testbed/index.ts'
import { type App, type Outcome, startApp } from './app.ts'
import type { Prepared, Protocol } from './client.ts'
import { createPod, type Pod } from './pod.ts'
import { within } from './process.ts'
import { startRelay } from './relay.ts'
import { createSidecar, type Sidecar } from './sidecar.ts'
import type { World } from './world.ts'

export const ACTION = 'AssumeRoleWithWebIdentity'

/** What a case is about is not as it should be. */
export class Unmet extends Error {}

/** One client with one pod and an account of its own. */
export type Stage = {
  readonly protocol: Protocol
  readonly pod: Pod
  readonly sts: Sts
  /**
   * The next credentials that STS gives do not reach the sidecar. Resolves, when they are under way, with what lets them
   * go on.
   */
  withheld(): Promise<() => void>
  readonly sidecar: Sidecar
  /** A new process of the client, with variables more where they are not AWS's. */
  open(more?: Readonly<Record<string, string>>): App
  /** From now on so many seconds pass at STS for one of ours. */
  hurry(rate: number): void
  /** The signed calls that STS has let pass, by the access key that they were signed with. */
  readonly signed: ReadonlyMap<string, number>
  /** How many there were in all. */
  calls(): number
}

const LONGEST_ACT = 300_000

export type Ground = { readonly world: World; readonly prepared: Prepared; readonly protocol: Protocol }

/** Sets the stage, nothing started yet, and strikes it whatever happens. */
export async function onStage<T>(
  { world, prepared, protocol }: Ground,
  act: (stage: Stage) => Promise<T>,
  longest = LONGEST_ACT,
): Promise<T> {
  const signed = new Map<string, number>()
  let granted: (() => void) | undefined
  let [fast, since] = [1, Date.now()]
  const now = (): number => Math.round(since + (Date.now() - since) * fast)
  const sts = await world.openAccount((record) => {
    count(record, signed)
    if (record.action === ACTION && record.code === 'Success') granted?.()
  }, now)
  const relay = await startRelay(Number(new URL(sts.url).port))
  const withheld: Stage['withheld'] = async () => {
    // STS tells of what it has answered before it writes it.
    const held = new Promise<void>((resolve) => {
      granted = () => {
        granted = undefined
        resolve(relay.hold())
      }
    })
    await held
    return relay.release
  }
  const pod = await createPod(world, protocol, `https://127.0.0.1:${relay.port}`)
  const sidecar = createSidecar(pod)
  const apps: App[] = []
  const open: Stage['open'] = (more = {}) => {
    const env = { ...prepared.trust(world.caFile), ...more }
    const app = startApp([...prepared.command, sts.url, world.caFile], pod, env)
    apps.push(app)
    return app
  }
  const hurry = (rate: number): void => {
    since = now()
    fast = rate
  }
  const calls = (): number => [...signed.values()].reduce((sum, some) => sum + some, 0)
  try {
    const stage: Stage = { protocol, pod, sts, withheld, sidecar, open, hurry, signed, calls }
    const acted = await within(longest, [act(stage).then((value) => ({ value }))])
    if (acted === undefined) throw new Unmet(`it has not come to an end within ${longest / 1_000} s`)
    return acted.value
  } finally {
    await Promise.all([...apps.map((app) => app.end()), sidecar.kill()])
    relay.stop()
    await sts.stop()
  }
}

function count({ action, code, accessKeyId = '' }: RequestRecord, signed: Map<string, number>): void {
  if (action === 'GetCallerIdentity' && code === 'Success') signed.set(accessKeyId, (signed.get(accessKeyId) ?? 0) + 1)
}

/** Throws Unmet with what the client says where the call did not succeed. */
export async function succeed(app: App, when: string): Promise<void> {
  const outcome = await app.call()
  if ('error' in outcome) throw new Unmet(`${when}: ${outcome.error}`)
}

/** Throws Unmet where the call did succeed; answers what the client says. */
export async function fail(app: App, when: string): Promise<string> {
  const outcome: Outcome = await app.call()
  if (!('error' in outcome)) throw new Unmet(`${when}: the call succeeded`)
  return outcome.error
}

export function check(condition: boolean, what: string): void {
  if (!condition) throw new Unmet(what)
}
