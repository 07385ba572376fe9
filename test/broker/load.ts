/** What the broker does under many requests of many users: one STS call a session, nobody gets another's, memory has an end. */
import { Agent } from 'node:https'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { nameUser } from '../../src/broker/index.ts'
import {
  type Answer,
  CLIENT,
  type Ground,
  NONCE,
  openGround,
  ROLES,
  type RoleName,
  type RunningBroker,
} from './ground.ts'
import { rates, smallCache } from './limits.ts'
import { type Check, inParallel, PLENTY, type User, withBroker } from './parts.ts'

const help = `What the broker for users does under load: a process of its own, a strict STS, an issuer whose tokens it verifies.

Usage:
  npm run users -- [--requests N] [--users N]

Flags:
  --requests N   In all; 10000.
  --users N      As many as that have a session of two roles each; 500.

Exit codes: 0 all of it holds, 1 something does not, 2 called wrongly, 130 stopped.
`

type Numbers = { readonly requests: number; readonly users: number }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { requests: { type: 'string' }, users: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) return void process.stdout.write(help)
  const numbers = { requests: wholeNumber(values.requests ?? '10000'), users: wholeNumber(values.users ?? '500') }
  const check: Check = (what, holds, figures = '') => {
    if (!holds) process.exitCode = 1
    process.stdout.write(`${holds ? 'yes' : 'NO '}  ${what}${figures === '' ? '' : `: ${figures}`}\n`)
  }
  const ground = await openGround()
  try {
    const users = await logIn(ground, numbers.users)
    await crowd(ground, numbers, users, check)
    await smallCache(ground, users, check)
    await rates(ground, users, check)
  } finally {
    await ground.stop()
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  process.stderr.write(`${text} is no number from 1 to 999999\n${help}`)
  process.exit(2)
}

/** Of all requests together: many times what a small machine takes that does something else besides. */
const MOST_SECONDS = 300

async function logIn({ issuer }: Ground, count: number): Promise<readonly User[]> {
  const subjects = Array.from({ length: count }, (_, n) => `user-${n}@example.com`)
  const token = (sub: string) => issuer.issueToken({ sub, audience: CLIENT, expiresIn: 3600, claims: { nonce: NONCE } })
  return Promise.all(
    subjects.map(async (subject) => ({ name: nameUser({ issuer: issuer.url, subject }), token: await token(subject) })),
  )
}

type Granted = {
  readonly user: string
  readonly role: string
  readonly credentials: Readonly<Record<'accessKeyId' | 'secretAccessKey' | 'sessionToken', string>>
}

async function crowd(ground: Ground, { requests }: Numbers, users: readonly User[], check: Check): Promise<void> {
  await withBroker(
    ground,
    { ...PLENTY, LANYARD_BROKER_CACHE_ENTRIES: String(users.length * ROLES.length) },
    async (broker) => {
      const before = broker.memory()
      const sessions = new Map<string, Granted>()
      let others = 0
      let busy = 0
      const asks = users.flatMap((user) => ROLES.map((role) => ({ user, role })))
      const job =
        ({ user, role }: (typeof asks)[number]) =>
        async (): Promise<void> => {
          const { status, body } = await patiently(broker, role, user.token, () => {
            busy += 1
          })
          const granted = body as Granted
          const key = `${user.name} ${role}`
          const known = sessions.get(key) ?? granted
          const isOwn = status === 200 && granted.user === user.name && granted.role === role
          if (isOwn && granted.credentials.accessKeyId === known.credentials.accessKeyId) sessions.set(key, known)
          else others += 1
        }
      const jobs = Array.from({ length: requests }, (_, n) => asks[n % asks.length]).filter(
        (each) => each !== undefined,
      )
      const began = performance.now()
      const times = await inParallel(jobs.map(job), 20)
      const seconds = (performance.now() - began) / 1000
      const at = (part: number): string => `${(times[Math.floor((times.length - 1) * part)] ?? 0).toFixed(1)} ms`
      const after = broker.memory()
      check(
        `${requests} requests of ${users.length} users, each answered with their own`,
        others === 0,
        `${seconds.toFixed(1)} s, ${Math.round(requests / seconds)} a second, median ${at(0.5)}, 99 % ${at(0.99)}`,
      )
      check('in a time that has an end, on any machine', seconds < MOST_SECONDS, `${MOST_SECONDS} s at most`)
      check(
        'one call of STS for each live session, but for those that failed on a machine that is too busy',
        ground.exchanges.length >= sessions.size && ground.exchanges.length <= sessions.size + busy,
        `${ground.exchanges.length} calls, ${sessions.size} sessions, ${busy} times 503`,
      )
      const keys = new Set([...sessions.values()].map(({ credentials }) => credentials.accessKeyId))
      check('no two sessions have the same credentials', keys.size === sessions.size, `${keys.size}`)
      check(
        'by STS each is the session of its own user and role',
        await areOwn(ground, sessions),
        `${sessions.size} asked`,
      )
      check(
        'memory has an end',
        after.most < before.now + 120,
        `${before.now} MiB before, ${after.now} after, ${after.most} at most`,
      )
    },
  )
}

const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }: Granted['credentials']) => ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
})

/** As an app asks: who is told that STS did not answer asks again when it should. */
async function patiently(broker: RunningBroker, role: RoleName, token: string, onBusy: () => void): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await broker.ask(role, token)
    if (answer.status !== 503 || attempt === 5) return answer
    onBusy()
    await new Promise((resolve) => setTimeout(resolve, Number(answer.retryAfter) * 1_000))
  }
}

/** Asks STS of every session whose it is. */
async function areOwn({ sts, ca }: Ground, sessions: ReadonlyMap<string, Granted>): Promise<boolean> {
  const requestHandler = new NodeHttpHandler({ httpsAgent: new Agent({ ca, keepAlive: true }) })
  let own = 0
  const jobs = [...sessions].map(([key, { credentials }]) => async (): Promise<void> => {
    const client = new STSClient({
      region: 'eu-west-1',
      endpoint: sts.url,
      requestHandler,
      credentials: keysOf(credentials),
    })
    const [user, role] = key.split(' ')
    const { Arn } = await client.send(new GetCallerIdentityCommand({}))
    if (Arn === `arn:aws:sts::111122223333:assumed-role/${role}/${user}`) own += 1
  })
  await inParallel(jobs, 10)
  requestHandler.destroy()
  return own === sessions.size
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
try {
  await main()
} catch (thrown) {
  process.stderr.write(`users: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
  // Of parseArgs: an argument that there is not.
  process.exitCode = thrown instanceof TypeError && 'code' in thrown ? 2 : 1
}
