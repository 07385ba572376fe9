import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { type ClusterOptions, loadCluster } from '../../../src/kubernetes/index.ts'
import { createVirtualClock, type VirtualClock } from '../../support/virtualClock.ts'
import { authority, canary, startApiServer } from './apiServer.ts'

export const secretPath = '/api/v1/namespaces/lanyard-system/secrets/lanyard-webhook-ca'
export const configurationPath = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/lanyard-webhook'
export const secret = { namespace: 'lanyard-system', name: 'lanyard-webhook-ca' }
export const configuration = { name: 'lanyard-webhook' }

/** A folder that is gone when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-kubernetes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What kubelet mounts into a pod. */
export function accountFolder(token = canary, ca = authority.pem): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'token'), token)
  writeFileSync(join(folder, 'ca.crt'), ca)
  return folder
}

export type World = Awaited<ReturnType<typeof startWorld>>

type WorldOptions = Partial<ClusterOptions> & { readonly deadlines?: readonly number[] }

/** An API server and a pod's way to it; time stands still until the test says otherwise, and lots are drawn high. */
export async function startWorld({ deadlines = [5_000], ...changes }: WorldOptions = {}) {
  const server = await startApiServer()
  const clock = createVirtualClock()
  const pauses = tellPauses(clock, deadlines)
  const folder = accountFolder()
  const cluster = loadCluster({
    env: podEnv(server.port),
    accountFolder: folder,
    clock: pauses.clock,
    random: () => 0.999,
    version: '1.2.3',
    ...changes,
  })
  onTestFinished(() => cluster.close())
  /** Awaits that it waits before it asks again, lets that time pass, and tells it in milliseconds. */
  const passPause = async (): Promise<number> => {
    const time = Math.ceil(await pauses.next())
    await clock.advance(time)
    return time
  }
  return { server, cluster, clock, folder, nextPause: pauses.next, passPause }
}

/** Tells a pause from a deadline by its length: an answer has 5 s mostly, a watch 300 s at least. */
function tellPauses(clock: VirtualClock, deadlines: readonly number[]) {
  const lengths: number[] = []
  const awaited: ((length: number) => void)[] = []
  const tell = (length: number): void => {
    const next = awaited.shift()
    if (next === undefined) lengths.push(length)
    else next(length)
  }
  const wakeAt: VirtualClock['wakeAt'] = (at, fn) => {
    const cancel = clock.wakeAt(at, fn)
    const length = at - clock.now()
    if (!deadlines.includes(length) && length < 300_000) tell(length)
    return cancel
  }
  const next = async (): Promise<number> => lengths.shift() ?? (await new Promise((resolve) => awaited.push(resolve)))
  return { clock: { ...clock, wakeAt }, next }
}

export const podEnv = (port: number, host = '127.0.0.1') => ({
  KUBERNETES_SERVICE_HOST: host,
  KUBERNETES_SERVICE_PORT: String(port),
})

/** The Failure of a call, after a look that no part of the token leaks. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const thrown = await promise.then(
    () => new Error('nothing was thrown'),
    (reason: unknown) => reason,
  )
  if (!(thrown instanceof Failure)) throw thrown
  const everything = [thrown.message, thrown.stack, JSON.stringify(thrown), String(thrown.cause)].join('\n')
  if (/c4n4ry|eyJ/.test(everything)) throw new Error('the failure leaks')
  return thrown
}
