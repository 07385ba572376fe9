import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ACTION, check, succeed, Unmet } from '../stage.ts'
import { type Case, SHORT_SESSION } from './case.ts'

export const identity: Case = {
  name: 'identity',
  doc: 'finds its credentials and signs with them',
  run: async ({ sidecar, open, calls }) => {
    await sidecar.start()
    await sidecar.ready()
    const app = open()
    await succeed(app, 'the first call')
    await succeed(app, 'the second call')
    check(calls() === 2, `STS saw ${calls()} calls instead of 2`)
    return undefined
  },
}

export const coldStart: Case = {
  name: 'cold-start',
  doc: 'asks before the endpoint has credentials, which come while its request is held',
  tries: 3,
  run: async ({ pod, sts, withheld, sidecar, open }) => {
    // An attempt after a failed one has 10 s, in which every client gets to ask.
    sts.faults.next(1, { kind: 'unavailable', action: ACTION })
    const underWay = withheld()
    await sidecar.start()
    const release = await underWay
    const called = open().call()
    const over = new AbortController()
    const isThere = await Promise.race([isAsked(pod.ports.credentials, over.signal), called.then(() => false)])
    over.abort()
    if (!isThere) throw new Unmet('it did not ask the endpoint')
    release()
    const outcome = await called
    if ('error' in outcome) throw new Unmet(outcome.error)
    return undefined
  },
}

/** What is answered at once is over by then: a connection that stands so long has a request for credentials under way. */
const HELD = 100

/** Whether somebody waits for credentials; false when nobody wants to know any more. */
async function isAsked(port: number, over: AbortSignal): Promise<boolean> {
  let since = performance.now()
  while (!over.aborted) {
    if (!isConnected(port)) since = performance.now()
    else if (performance.now() - since >= HELD) return true
    await sleep(5)
  }
  return false
}

/** Whether somebody is connected to that port of 127.0.0.1 (proc_pid_net(5)). */
function isConnected(port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const ESTABLISHED = '01'
  const rows = readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
  return rows.some(([, address, , state]) => address === local && state === ESTABLISHED)
}

export const window: Case = {
  name: 'window',
  doc: 'is given credentials that end within its refresh window, and goes on',
  run: async ({ sts, sidecar, open, calls }) => {
    sts.faults.set({ kind: 'shortSession', seconds: SHORT_SESSION })
    await sidecar.start()
    await sidecar.ready()
    const app = open()
    for (let call = 1; call <= 5; call += 1) await succeed(app, `call ${call}`)
    check(calls() === 5, `STS saw ${calls()} calls instead of 5`)
    return undefined
  },
}
