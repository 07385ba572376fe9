import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import {
  ACTION,
  type Answer,
  askUntil,
  createPod,
  nudge,
  type Pod,
  send,
  startWorld,
  type World,
} from '../sidecar/pod.ts'
import { pranks, startHostileSts } from './hostileSts.ts'
import { secretFinder } from './secrets.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

const CLAIM = 'CANARY-claim-e1c5907bd2486fa3-of-the-token'
const POLICY = 'PolicyCanary70f2b6d81e94ac35'
const ENV = 'CANARY-env-3b9d1f7a5c2e8064-of-the-pod'
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: POLICY, Effect: 'Allow', Action: '*', Resource: '*' }],
})

const canaryToken = (): Promise<string> =>
  world.issuer.issueToken({
    sub: 'system:serviceaccount:shop:web',
    audience: 'sts.amazonaws.com',
    expiresIn: 864_000,
    claims: { canary: CLAIM },
  })

/** The variables that it must have, a secret of the pod's beside them. */
const env = { LANYARD_SESSION_POLICY: policy, LANYARD_LOG_LEVEL: 'debug', APP_PASSWORD: ENV }

/** Everything that anybody can get out of a sidecar, but credentials for the right token. */
async function everyAnswer(pod: Pod): Promise<string[]> {
  const { credentials, metrics } = pod.ports
  const token = pod.read('endpoint', 'app', 'token')
  const path = '/v1/credentials'
  const refused: Promise<Answer>[] = [
    send({ port: credentials, path }),
    send({ port: credentials, path, headers: { Authorization: `${token}x` } }),
    send({ port: credentials, path, headers: { Authorization: `Bearer ${token}` } }),
    send({ port: credentials, path, headers: { Authorization: token, Origin: `https://${token}` } }),
    send({ port: credentials, path, headers: { Authorization: token, 'X-Forwarded-For': token } }),
    send({ port: credentials, path, headers: { Authorization: token, Host: `${token}.example` } }),
    send({ port: credentials, path, method: 'POST', headers: { Authorization: token }, body: token }),
    send({ port: credentials, path: `/v1/credentials?token=${token}`, headers: { Authorization: token } }),
    send({ port: credentials, path: `/${token}`, headers: { Authorization: token } }),
    send({ port: metrics, path, headers: { Authorization: token } }),
    ...['/metrics', '/readyz', '/healthz', '/startupz', `/startupz?wait=${token}`, `/${token}`].map((at) =>
      send({ port: metrics, path: at }),
    ),
  ]
  const answers = await Promise.all(refused)
  expect(answers.slice(0, 10).map(({ status }) => Math.floor(status / 100))).toEqual(Array(10).fill(4))
  return answers.map(({ text }) => text)
}

test('whatever STS quotes, no secret of a sidecar gets out', async () => {
  const [secretKey, sessionToken] = [randomBytes(30).toString('base64'), randomBytes(300).toString('base64')]
  const sts = await startHostileSts(world.ca, { secretKey, sessionToken })
  onTestFinished(sts.stop)
  const pod = await createPod({ world, endpoint: sts.url, env })
  const token = await canaryToken()
  pod.identity(token)
  const output: string[] = []
  const first = sts.next()
  const sidecar = pod.sidecar()
  await first
  await sidecar.said(/"msg":"credentials not obtained"/)
  for (const [index, prank] of pranks.entries()) {
    sts.play(prank)
    const answered = sts.next()
    sidecar.send({ aheadMinutes: 6 })
    await nudge(pod, answered)
    await sidecar.said(/credentials (not )?obtained/, index + 2)
    output.push(pod.read('termination-log'))
  }
  output.push(...(await everyAnswer(pod)))
  const held = await pod.credentials()
  expect(held).toMatchObject({ SecretAccessKey: secretKey, Token: sessionToken })
  await sidecar.kill('SIGTERM')
  output.push(sidecar.stdout(), sidecar.stderr())

  const find = secretFinder([token, CLAIM, secretKey, sessionToken, ENV, pod.read('endpoint', 'app', 'token')])
  expect(output.flatMap(find)).toEqual([])
  // The canaries were really there, and found where they may be.
  expect(find(JSON.stringify(held))).not.toEqual([])
  expect(output.join('\n').match(/credentials not obtained/g)?.length).toBeGreaterThanOrEqual(pranks.length)
})

test('with an STS as it should be, and one that fails, no secret of a sidecar gets out', async () => {
  const sts = await world.startSts()
  const pod = await createPod({ world, endpoint: sts.url, env })
  const tokens = [await canaryToken()]
  pod.identity(tokens[0])
  const sidecar = pod.sidecar()
  await sidecar.said(/"msg":"credentials obtained"/)
  const held = [await pod.credentials()]
  const output = await everyAnswer(pod)

  sts.faults.set({
    kind: 'failure',
    action: ACTION,
    code: 'MalformedPolicyDocument',
    message: 'Syntax errors in policy.',
  })
  const failed = sts.nextRequest()
  sidecar.send({ aheadMinutes: 31 })
  await askUntil(pod, failed)
  await sidecar.said(/"msg":"credentials not obtained"/)
  output.push(...(await everyAnswer(pod)), pod.read('termination-log'))

  // Tokens that are refused before they are sent.
  let complaints = 1
  for (const spoil of [(token: string) => token.slice(0, 300), (token: string) => `${token}.${token}`, () => '']) {
    tokens.push(await canaryToken())
    pod.identity(spoil(tokens.at(-1) ?? ''))
    sidecar.send({ aheadMinutes: 6 })
    complaints += 1
    await askUntil(pod, sidecar.said(/credentials not obtained/, complaints))
    output.push(pod.read('termination-log'), (await pod.wait('0.1')).stderr)
  }
  sts.faults.clear()
  pod.identity(tokens[0])
  const renewed = sts.nextRequest()
  sidecar.send({ aheadMinutes: 6 })
  await askUntil(pod, renewed)
  await sidecar.said(/credentials obtained/, 2)
  held.push(await pod.credentials())
  await sidecar.kill('SIGTERM')
  output.push(...(await everyWord(pod)), sidecar.stdout(), sidecar.stderr())

  const keys = held.flatMap(({ SecretAccessKey, Token }) => [SecretAccessKey, Token])
  expect(new Set(keys).size).toBe(4)
  const find = secretFinder([...tokens, ...keys, CLAIM, POLICY, ENV, pod.read('endpoint', 'app', 'token')])
  expect(output.flatMap(find)).toEqual([])
})

/** What a sidecar says that cannot start, with secrets where they do not belong. */
async function everyWord(pod: Pod): Promise<string[]> {
  const changes = [
    { LANYARD_SESSION_POLICY: policy.slice(0, -4) },
    { LANYARD_SESSION_POLICY: policy.replace('{', `{${' '.repeat(3000)}`) },
    { LANYARD_METRICS_PORT: String(pod.ports.credentials) },
    { LANYARD_ENDPOINT_TOKENS_DIRECTORY: '/dev/null' },
  ]
  return Promise.all(
    changes.map(async (env) => {
      const failing = pod.sidecar(env)
      expect((await failing.ended).code).toBeGreaterThan(0)
      return failing.stdout() + failing.stderr() + pod.read('termination-log')
    }),
  )
}
