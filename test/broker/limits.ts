/** What the broker does where a limit is reached: of sessions, of a user's requests, of all requests. */
import type { Answer, Ground, RoleName, RunningBroker } from './ground.ts'
import { type Check, inParallel, PLENTY, type User, withBroker } from './parts.ts'

export async function smallCache(ground: Ground, users: readonly User[], check: Check): Promise<void> {
  await withBroker(ground, { ...PLENTY, LANYARD_BROKER_CACHE_ENTRIES: '50' }, async (broker) => {
    await inParallel(
      users.map(
        ({ token }) =>
          async () =>
            void (await broker.ask('files', token)),
      ),
      50,
    )
    const kept = await broker.metric('lanyard_user_credentials_cache_entries')
    check(
      `of ${users.length} users' sessions as many are kept as the operator says, and no more`,
      kept === Math.min(50, users.length),
      `${kept} of 50`,
    )
  })
}

/** The default of `userCredentials.requestsPerMinute`. */
const PER_MINUTE = 60

export async function rates(ground: Ground, [first, ...others]: readonly User[], check: Check): Promise<void> {
  if (first === undefined) return
  await withBroker(ground, {}, async (broker) => {
    const many = (count: number, role: RoleName, token: string) =>
      Promise.all(Array.from({ length: count }, () => broker.ask(role, token)))
    const told = ({ status, retryAfter = '' }: Answer): boolean => status === 429 && /^[1-9]\d*$/.test(retryAfter)
    const began = performance.now()
    const answers = await many(300, 'files', first.token)
    // A minute's worth at once, and what came back meanwhile.
    const most = PER_MINUTE + Math.ceil((performance.now() - began) / 1_000)
    const served = answers.filter(({ status }) => status === 200).length
    check(
      'whoever asks too often is told when to ask again',
      served > 0 && served <= most && answers.every((each) => each.status === 200 || told(each)),
      `${served} answered, ${answers.length - served} with 429 and Retry-After`,
    )
    const forged = `${first.token.slice(0, -8)}AAAAAAAA`
    const flood = many(5_000, 'files', forged)
    const honest = await honestly(broker, others.slice(0, 20))
    const statuses = new Set((await flood).map(({ status }) => status))
    check(
      'a flood of forgeries keeps nobody out, and none of them is taken',
      honest === Math.min(20, others.length) && [...statuses].every((status) => status === 401 || status === 429),
      `${honest} users answered meanwhile; forgeries got ${[...statuses].join(', ')}`,
    )
  })
}

/** One after another; whoever is told to wait waits, once. */
async function honestly(broker: RunningBroker, users: readonly User[]): Promise<number> {
  let answered = 0
  for (const { token } of users) {
    const first = await broker.ask('photos', token)
    if (first.status === 429) await new Promise((resolve) => setTimeout(resolve, Number(first.retryAfter) * 1_000))
    const { status } = first.status === 200 ? first : await broker.ask('photos', token)
    if (status === 200) answered += 1
  }
  return answered
}
