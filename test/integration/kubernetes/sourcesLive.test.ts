import { expect, test } from 'vitest'
import { answering, type Fault, hang, hold, raw, reset, stall } from './faults.ts'
import { accountPath, role, type Sources, sourcing } from './sourcing.ts'
import { failureOf } from './support.ts'

const path = accountPath('shop', 'web')
const ask = ({ lookup }: Sources) => lookup.serviceAccount('shop', 'web')
/** When so many single objects have been asked for. */
const got = ({ server }: Sources, count: number) => server.asked(4 + count)

/** Watches nothing any more: it is the live answers that are looked at. */
async function deaf(prepare?: Parameters<typeof sourcing>[0]): Promise<Sources> {
  const sources = await sourcing(prepare)
  await sources.stop()
  return sources
}

/** Answers what is there when the request comes, but not before it is told to. */
function slowly(sources: Sources) {
  const opened = Promise.withResolvers<void>()
  const fault: Fault = (request, response, answer) => {
    const found = sources.server.read(path)
    const now = found.code === 200 ? raw(200, JSON.stringify(found.body)) : answering(found.code)
    void opened.promise.then(() => now(request, response, answer))
  }
  return { fault, open: opened.resolve }
}

test('whoever asks while a request is under way waits for the next one: no answer is older than its question', async () => {
  const sources = await deaf()
  const { fault, open } = slowly(sources)
  sources.server.failOn(/web$/, fault)
  const early = ask(sources)
  await got(sources, 1)
  sources.server.annotate(path, { [role]: 'arn:1' })
  const late = ask(sources)
  open()
  await expect(early).resolves.toEqual({})
  await expect(late).resolves.toEqual({ [role]: 'arn:1' })
  expect(sources.gets()).toEqual([path, path])
})

test('500 pods of one ServiceAccount cost two requests, one at a time', async () => {
  const sources = await deaf((server) => server.annotate(path, { [role]: 'arn:1' }))
  const { fault, open } = hold()
  sources.server.failOn(/web$/, fault)
  const first = ask(sources)
  await got(sources, 1)
  const others = Array.from({ length: 499 }, () => ask(sources))
  await sources.clock.advance(0)
  expect(sources.gets()).toEqual([path])
  open()
  const answers = await Promise.all([first, ...others])
  expect(answers.every((each) => each[role] === 'arn:1')).toBe(true)
  expect(sources.gets()).toEqual([path, path])
  expect(sources.clock.pending()).toBe(0)
})

test('the third in a row waits for the second, not for the first', async () => {
  const sources = await deaf()
  const holds = [hold(), hold()] as const
  sources.server.failOn(/web$/, holds[0].fault, holds[1].fault)
  const first = ask(sources)
  await got(sources, 1)
  const second = ask(sources)
  holds[0].open()
  await first
  await got(sources, 2)
  const third = ask(sources)
  await sources.clock.advance(0)
  expect(sources.gets()).toHaveLength(2)
  holds[1].open()
  await Promise.all([second, third])
  expect(sources.gets()).toHaveLength(3)
})

test('32 are under way at a time; who waits for a turn is asked for in its order', async () => {
  const sources = await deaf()
  const holds = Array.from({ length: 34 }, () => hold())
  sources.server.failOn(/account-/, ...holds.map(({ fault }) => fault))
  const names = holds.map((_each, at) => `account-${at}`)
  const answers = names.map((name) => sources.lookup.serviceAccount('shop', name))
  await got(sources, 32)
  await sources.clock.advance(0)
  expect(sources.gets()).toHaveLength(32)
  holds[0]?.open()
  await got(sources, 33)
  await sources.clock.advance(0)
  expect(sources.gets().at(-1)).toBe(accountPath('shop', 'account-32'))
  expect(sources.gets()).toHaveLength(33)
  for (const { open } of holds) open()
  await Promise.all(answers)
  expect(sources.gets()).toHaveLength(34)
})

test('an object that has no turn yet is joined', async () => {
  const sources = await deaf()
  const holds = Array.from({ length: 32 }, () => hold())
  sources.server.failOn(/account-/, ...holds.map(({ fault }) => fault))
  const before = holds.map((_each, at) => sources.lookup.serviceAccount('shop', `account-${at}`))
  await got(sources, 32)
  const both = [ask(sources), ask(sources)]
  for (const { open } of holds) open()
  await Promise.all([...before, ...both])
  expect(sources.gets()).toHaveLength(33)
})

test.each([
  ['never begins', hang],
  ['never ends', stall],
])('an answer that %s is given up after 1 s, and asked for anew', async (_what, fault) => {
  const sources = await deaf((server) => server.annotate(path, { [role]: 'arn:1' }))
  sources.server.failOn(/web$/, fault)
  const answer = ask(sources)
  await got(sources, 1)
  await sources.clock.advance(1_000)
  expect(await sources.passPause()).toBe(100)
  await expect(answer).resolves.toEqual({ [role]: 'arn:1' })
})

test('after 3 s all is given up, with the last thing that went wrong', async () => {
  const sources = await deaf()
  sources.server.failOn(/web$/, hang, answering(503, 'busy'), hang, hang)
  const failure = failureOf(ask(sources))
  await got(sources, 1)
  await sources.clock.advance(1_000)
  const pauses = [await sources.passPause()]
  await got(sources, 2)
  pauses.push(await sources.passPause())
  await got(sources, 3)
  await sources.clock.advance(1_000)
  pauses.push(await sources.passPause())
  expect(pauses).toEqual([100, 200, 400])
  await got(sources, 4)
  await sources.clock.advance(299)
  expect(sources.clock.pending()).toBe(2)
  await sources.clock.advance(1)
  expect((await failure).message).toContain('ServiceAccount shop/web: get: no whole answer within 1 s.')
  await sources.clock.advance(700)
  expect(sources.clock.pending()).toBe(0)
})

test('who gets no turn within 3 s is told so, and is asked for no more', async () => {
  const sources = await deaf()
  const names = Array.from({ length: 97 }, (_each, at) => `account-${at}`)
  sources.server.failOn(/account-/, ...names.map(() => hang))
  const failures = names.map((name) => failureOf(sources.lookup.serviceAccount('shop', name)))
  for (const count of [32, 64, 96]) {
    await got(sources, count)
    await sources.clock.advance(1_000)
  }
  const messages = (await Promise.all(failures)).map(({ message }) => message)
  expect(messages[95]).toContain('ServiceAccount shop/account-95: get: no whole answer within 3 s.')
  expect(messages[96]).toContain('ServiceAccount shop/account-96: get: no whole answer within 3 s.')
  await expect(ask(sources)).resolves.toEqual({})
  expect(sources.gets().toSorted()).toEqual(
    [...names.slice(0, 96), 'web'].map((name) => accountPath('shop', name)).toSorted(),
  )
})

test.each([
  [403, 'ClusterForbidden'],
  [401, 'ClusterForbidden'],
  [400, 'ClusterAnswerInvalid'],
  [410, 'ClusterAnswerInvalid'],
] as const)('HTTP %i is %s at once', async (status, code) => {
  const sources = await deaf()
  sources.server.failOn(/web$/, answering(status, 'because'))
  const failure = await failureOf(ask(sources))
  expect(failure.code).toBe(code)
  expect(failure.message).toContain(`ServiceAccount shop/web: get: HTTP ${status}: because`)
  expect(sources.gets()).toHaveLength(1)
})

test.each([429, 500, 503])('HTTP %i is asked again, soon', async (status) => {
  const sources = await deaf((server) => server.annotate(path, { [role]: 'arn:1' }))
  sources.server.failOn(/web$/, answering(status), answering(status))
  const answer = ask(sources)
  expect([await sources.passPause(), await sources.passPause()]).toEqual([100, 200])
  await expect(answer).resolves.toEqual({ [role]: 'arn:1' })
})

test('a server that asks for patience gets it, where there is time', async () => {
  const sources = await deaf()
  const later = (seconds: string) => answering(429, 'busy', { 'retry-after': seconds })
  sources.server.failOn(/web$/, later('2'), later('1'))
  const failure = failureOf(ask(sources))
  expect(await sources.passPause()).toBe(2_000)
  await expect(failure).resolves.toMatchObject({ message: expect.stringContaining('HTTP 429: busy') })
  expect(sources.gets()).toHaveLength(2)
  expect(sources.clock.pending()).toBe(0)
})

test('an object that is not there has no annotations; a 404 that is not of the API is no such word', async () => {
  const sources = await deaf()
  await expect(ask(sources)).resolves.toEqual({})
  await expect(sources.lookup.namespace('none', false)).resolves.toEqual({})
  sources.server.failOn(/web$/, raw(404, '404 page not found'))
  await expect(failureOf(ask(sources))).resolves.toMatchObject({ code: 'ClusterAnswerInvalid' })
})

test.each([
  ['another object', { metadata: { name: 'other' } }],
  ['no metadata', {}],
  ['annotations that are no text', { metadata: { name: 'web', annotations: { [role]: 7 } } }],
  ['annotations in a list', { metadata: { name: 'web', annotations: [role] } }],
])('an answer with %s is refused', async (_what, body) => {
  const sources = await deaf()
  sources.server.failOn(/web$/, raw(200, JSON.stringify(body)))
  const failure = await failureOf(ask(sources))
  expect(failure.code).toBe('ClusterAnswerInvalid')
  expect(failure.message).toContain('ServiceAccount shop/web: get: the answer is another object, or none')
})

test('null stands for no annotations, as Go writes it', async () => {
  const sources = await deaf()
  sources.server.failOn(/web$/, raw(200, '{"metadata":{"name":"web","annotations":null}}'))
  await expect(ask(sources)).resolves.toEqual({})
})

test('where a new connection breaks as well, a moment is waited', async () => {
  const sources = await deaf((server) => server.annotate(path, { [role]: 'arn:1' }))
  sources.server.failOn(/web$/, reset, reset)
  const answer = ask(sources)
  expect(await sources.passPause()).toBe(100)
  await expect(answer).resolves.toEqual({ [role]: 'arn:1' })
})

test('a closed cluster ends what is under way and what waits', async () => {
  const sources = await deaf()
  sources.server.failOn(/web$/, hang)
  const failures = [failureOf(ask(sources))]
  await got(sources, 1)
  failures.push(failureOf(ask(sources)))
  sources.cluster.close()
  for (const failure of failures) await expect(failure).resolves.toMatchObject({ code: 'ClusterUnreachable' })
  await sources.clock.advance(0)
  expect(sources.gets()).toHaveLength(1)
  expect(sources.clock.pending()).toBe(0)
})
