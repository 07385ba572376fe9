import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type HealthOptions, startGate, startHealth } from '../../../src/endpoint/index.ts'
import { freePort } from '../../support/processes.ts'
import { failure, held, none } from '../../unit/endpoint/builders.ts'
import { closing, fakeSession, scratch } from './harness.ts'

const program = fileURLToPath(new URL('../../../cmd/wait.ts', import.meta.url))

type Ended = { exit: number; stdout: string; stderr: string }

/** Runs the real program; its environment is these variables alone. */
function run(env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program], { env }, (_error, stdout, stderr) => {
      resolve({ exit: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

async function serve(session = fakeSession(), port = 0, more: Pick<HealthOptions, 'after'> = {}) {
  const gate = startGate({ stateDir: scratch(), sandbox: 'net:[1]', sessions: [session] })
  const metrics = () => Promise.reject(new Error('unused'))
  const server = await closing(startHealth({ port, sessions: [session], gate, metrics, now: () => 0, ...more }))
  return { ...server, session, gate }
}

test('ends well when the credentials are there', async () => {
  const { port } = await serve(fakeSession(held()))
  expect(await run({ LANYARD_METRICS_PORT: String(port) })).toEqual({ exit: 0, stdout: '', stderr: '' })
})

test('waits for them', async () => {
  const entered = Promise.withResolvers<void>()
  const after = () => {
    entered.resolve()
    return () => undefined
  }
  const { port, session, gate } = await serve(fakeSession(), 0, { after })
  const ended = run({ LANYARD_METRICS_PORT: String(port), LANYARD_START_GATE_SECONDS: '60s' })
  await entered.promise
  session.become(held())
  gate.onSettled()
  expect(await ended).toEqual({ exit: 0, stdout: '', stderr: '' })
})

test('waits for a sidecar that does not listen yet', async () => {
  const port = await freePort()
  const ended = run({ LANYARD_METRICS_PORT: String(port), LANYARD_START_GATE_SECONDS: '60' })
  await serve(fakeSession(held()), port)
  expect(await ended).toMatchObject({ exit: 0 })
})

test('asks again where an answer breaks off, whatever it began with', async () => {
  const port = await freePort()
  const broken = createServer((socket) => {
    broken.close()
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\no')
  }).listen(port, '127.0.0.1')
  await once(broken, 'listening')
  const ended = await run({ LANYARD_METRICS_PORT: String(port), LANYARD_START_GATE_SECONDS: '1' })
  expect(ended).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^GateTimeout: /) })
})

test('asks directly, whatever proxies the environment names', async () => {
  const { port } = await serve(fakeSession(held()))
  const proxy = `http://127.0.0.1:${await freePort()}`
  const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy, http_proxy: proxy, LANYARD_START_GATE_SECONDS: '5' }
  expect(await run({ ...env, LANYARD_METRICS_PORT: String(port) })).toEqual({ exit: 0, stdout: '', stderr: '' })
})

test('gives up with one line that names the cause', async () => {
  // It answers at once, and so many times before the end: on a busy machine the answer at the deadline may come too late.
  const after = (_time: number, callback: () => void) => {
    const soon = setImmediate(callback)
    return () => clearImmediate(soon)
  }
  const session = fakeSession(none({ ...failure, message: 'it expired\nat noon' }))
  const { port } = await serve(session, 0, { after })
  const ended = await run({ LANYARD_METRICS_PORT: String(port), LANYARD_START_GATE_SECONDS: '3s' })
  expect(ended).toEqual({
    exit: 1,
    stdout: '',
    stderr:
      'GateTimeout: no credentials within 3 s: There are no valid credentials at the moment. TokenExpired: it expired at noon\n',
  })
})

test('gives up when nobody listens', async () => {
  const ended = await run({ LANYARD_METRICS_PORT: String(await freePort()), LANYARD_START_GATE_SECONDS: '0.12' })
  expect(ended).toMatchObject({
    exit: 1,
    stderr: 'GateTimeout: no credentials within 0.12 s: the sidecar does not answer\n',
  })
})

test('gives up on a peer that accepts and says nothing', async () => {
  const mute = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void mute.close())
  await once(mute, 'listening')
  const address = mute.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ended = await run({ LANYARD_METRICS_PORT: String(port), LANYARD_START_GATE_SECONDS: '0.05' })
  expect(ended).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^GateTimeout: .*\n$/) })
})

test.each([
  [{ LANYARD_METRICS_PORT: 'x' }],
  [{ LANYARD_METRICS_PORT: '70000' }],
  [{ LANYARD_START_GATE_SECONDS: '1m' }],
  [{ LANYARD_START_GATE_SECONDS: '-1' }],
])('%j is a setting that it does not take', async (env) => {
  expect(await run(env)).toMatchObject({ exit: 1, stderr: expect.stringMatching(/^SettingInvalid: [^\n]*\n$/) })
})
