import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { ACTION, check, fail, type Stage, succeed } from '../stage.ts'
import { type Case, SHORT_SESSION } from './case.ts'

/** Attempts of the sidecar that STS has refused or granted. */
const attempts = ({ sts }: Stage, granted: boolean): number =>
  sts.requests.filter(({ action, code }) => action === ACTION && (code === 'Success') === granted).length

async function start({ sidecar }: Stage): Promise<void> {
  await sidecar.start()
  await sidecar.ready()
}

/** Time passes, and a new process asks: it starts as a pod's next command does, without anything kept. */
async function ask(stage: Stage, when: string): Promise<void> {
  const app = stage.open()
  await succeed(app, when)
  await app.end()
}

export const outage: Case = {
  name: 'outage',
  doc: 'notices nothing of 20 minutes without STS at the time of a renewal',
  run: async (stage) => {
    const { sidecar, sts, open } = stage
    await start(stage)
    const app = open()
    await succeed(app, 'before the outage')
    sts.faults.set({ kind: 'unavailable', action: ACTION })
    for (const minutes of [31, 10, 10]) {
      await sidecar.pass(minutes)
      await succeed(app, 'during the outage')
      await ask(stage, 'during the outage, in a new process')
    }
    await sidecar.said('credentials not obtained')
    check(attempts(stage, false) > 0, 'the outage met no renewal')
    sts.faults.clear()
    // The longest wait between two attempts, and a request that turns the clock.
    await sidecar.pass(3)
    await ask(stage, 'after the outage')
    await sidecar.said('"msg":"credentials obtained"', 2)
    await ask(stage, 'with the renewed credentials')
    return undefined
  },
}

export const wrongToken: Case = {
  name: 'token',
  doc: 'gets nothing with a token that is not its own, and takes credentials from nowhere else',
  only: 'container',
  run: async (stage) => {
    const { pod, sidecar, open, calls } = stage
    await start(stage)
    const right = readFileSync(pod.tokenFile, 'latin1')
    replaceToken(pod.tokenFile, `${right.slice(1)}${right.slice(0, 1)}`)
    const app = open()
    const said = await fail(app, 'with the wrong token')
    await app.end()
    check((await sidecar.answered(401)) > 0, 'the endpoint has refused nobody')
    check(calls() === 0, 'STS saw a signed call')
    replaceToken(pod.tokenFile, right)
    await ask(stage, 'with the right token again')
    return said.includes('EndpointTokenWrong') ? undefined : 'does not show the code of the refusal'
  },
}

function replaceToken(file: string, token: string): void {
  rmSync(file)
  writeFileSync(file, token)
}

export const gone: Case = {
  name: 'restart',
  doc: 'goes on, by itself or in a new process, when the sidecar has been killed and started anew',
  run: async (stage) => {
    const { sidecar, sts, open } = stage
    sts.faults.set({ kind: 'shortSession', seconds: SHORT_SESSION })
    await start(stage)
    const app = open()
    await succeed(app, 'before')
    await sidecar.kill()
    const during = await app.call()
    await sidecar.start()
    await succeed(app, 'when it was back')
    const asked = (await sidecar.answered(200)) > 0
    await ask(stage, 'when it was back, in a new process')
    const meanwhile = 'error' in during ? 'fails while it is gone' : 'goes on with what it has while it is gone'
    return asked ? meanwhile : `${meanwhile}, and has no need to ask when it is back`
  },
}

export const expired: Case = {
  name: 'expired',
  doc: 'is never given credentials that have ended: without STS it gets none, and gets them when STS is back',
  run: async (stage) => {
    const { sidecar, sts, open, calls } = stage
    await start(stage)
    sts.faults.set({ kind: 'unavailable', action: ACTION })
    await sidecar.pass(61)
    const app = open()
    const said = await fail(app, 'with credentials that have ended')
    await app.end()
    check((await sidecar.answered(503)) > 0, 'the endpoint has told nobody that it has none')
    check(calls() === 0, 'STS saw a signed call')
    sts.faults.clear()
    await sidecar.pass(6)
    // The first who asks makes the sidecar ask STS; on a busy machine that may take longer than a client waits.
    await open().call()
    await sidecar.said('"msg":"credentials obtained"', 2)
    await ask(stage, 'when STS was back')
    return said.includes('CredentialsNotReady') ? undefined : 'does not show why'
  },
}
