import { expect, test } from 'vitest'
import type { ApiServer } from './apiServer.ts'
import { answering, hold, raw, reset } from './faults.ts'
import { accountPath, accountsPath, namespacePath, role, type Sources, sourcing, startSources } from './sourcing.ts'

const path = accountPath('shop', 'account-7')
const prepare = (count: number) => (server: ApiServer) => {
  for (let at = 0; at < count; at += 1) server.put(accountPath('shop', `account-${at}`))
  server.annotate(path, { [role]: 'arn:1' })
  server.annotate(namespacePath('shop'), { [role]: 'arn:2' })
}
const lists = ({ server }: Pick<Sources, 'server'>) =>
  server.seen.filter(({ url }) => url.startsWith(`${accountsPath}?limit`)).map(({ url }) => url.includes('continue'))
/** Where an account is answered from, and with what. */
async function look({ lookup, gets }: Sources) {
  const before = gets().length
  const { [role]: arn } = await lookup.serviceAccount('shop', 'account-7')
  return `${arn} ${gets().length > before ? 'live' : 'held'}`
}
/** The list that begins after a pause is told to its end. */
async function relisted(sources: Sources): Promise<void> {
  const next = sources.syncs.serviceaccounts.reached(sources.syncs.serviceaccounts.count() + 1)
  await sources.passPause()
  await next
}

test('a list whose token expired begins anew', async () => {
  const sources = await startSources((server) => {
    prepare(1_001)(server)
    server.failOn(/serviceaccounts\?.*continue/, (_request, _response, answer) => {
      server.expirePages()
      answer()
    })
  })
  await sources.passPause()
  await sources.ready()
  expect(lists(sources)).toEqual([false, true, false, true, true])
  expect(sources.log.lines.filter(({ level }) => level === 'warn')).toEqual([])
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('a list whose connection breaks is gone on with; if it breaks again, the list begins anew', async () => {
  const sources = await startSources((server) => {
    prepare(1_001)(server)
    server.failOn(/serviceaccounts\?.*continue/, reset, reset)
  })
  await sources.passPause()
  await sources.ready()
  expect(lists(sources)).toEqual([false, true, true, false, true, true])
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('while the watch is broken and until all is listed again, the API server is asked', async () => {
  const sources = await sourcing(prepare(501))
  await expect(look(sources)).resolves.toBe('arn:1 held')
  const { fault, open } = hold()
  sources.server.failOn(/serviceaccounts\?.*continue/, fault)
  sources.server.watch(accountsPath).reset()
  sources.server.annotate(path, { [role]: 'arn:3' })
  await sources.passPause()
  await sources.server.asked(7)
  await expect(look(sources)).resolves.toBe('arn:3 live')
  await expect(sources.lookup.namespace('shop', false)).resolves.toEqual({ [role]: 'arn:2' })
  const next = sources.syncs.serviceaccounts.reached(3)
  open()
  await next
  await expect(look(sources)).resolves.toBe('arn:3 held')
  expect(sources.gets()).toHaveLength(1)
})

test('an object that went while the watch was broken is held no more', async () => {
  const sources = await sourcing(prepare(10))
  sources.server.watch(accountsPath).reset()
  sources.server.remove(path)
  await relisted(sources)
  await expect(look(sources)).resolves.toBe('undefined live')
})

test('a watch that tells nothing for 90 s is not believed, until it tells again; who sets the clock changes nothing', async () => {
  const sources = await sourcing(prepare(10))
  sources.clock.jump(3_600_000)
  await sources.clock.advance(89_999)
  await expect(look(sources)).resolves.toBe('arn:1 held')
  sources.clock.jump(-7_200_000)
  await sources.clock.advance(1)
  await expect(look(sources)).resolves.toBe('arn:1 live')
  await sources.bookmark('serviceaccounts')
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('a watch that ended as it should is gone on with, and is believed meanwhile', async () => {
  const sources = await sourcing(prepare(10))
  await sources.clock.advance(60_000)
  sources.server.watch(accountsPath).end()
  await sources.server.asked(5)
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('one that ended too soon is not believed until it has gone on', async () => {
  const sources = await sourcing(prepare(10))
  sources.server.watch(accountsPath).end()
  await sources.nextPause()
  await expect(look(sources)).resolves.toBe('arn:1 live')
  await sources.clock.advance(999)
  await sources.server.asked(6)
  await sources.bookmark('serviceaccounts')
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('stopped, or closed, it holds nothing more for true', async () => {
  const sources = await sourcing(prepare(10))
  await sources.stop()
  await expect(look(sources)).resolves.toBe('arn:1 live')
  sources.cluster.close()
  await expect(look(sources)).rejects.toMatchObject({ code: 'ClusterUnreachable' })
  expect(sources.clock.pending()).toBe(0)
})

test.each([
  ['without a name', { metadata: { resourceVersion: '1' } }],
  ['whose name is no text', { metadata: { name: 7 } }],
  ['whose namespace is no text', { metadata: { name: 'a', namespace: {} } }],
  ['whose annotations are a list', { metadata: { name: 'a', annotations: [] } }],
  ['with an annotation that is no text', { metadata: { name: 'a', annotations: { [role]: 7 } } }],
  ['without metadata', {}],
])('a list with an object %s is refused and begun anew', async (_what, object) => {
  const sources = await startSources((server) => {
    prepare(10)(server)
    const list = { metadata: { resourceVersion: '1' }, items: [{ ...object, of: role }] }
    server.failOn(/serviceaccounts\?/, raw(200, JSON.stringify(list)))
  })
  await sources.passPause()
  await sources.ready()
  expect(sources.log.lines[0]?.fields['error']).toMatchObject({
    code: 'ClusterAnswerInvalid',
    message: expect.stringContaining('serviceaccounts: list: an object has no name, or annotations that are no text'),
  })
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('a watch with such an object ends, and heals', async () => {
  const sources = await sourcing(prepare(10))
  const object = {
    metadata: { name: 'account-7', namespace: 'shop', resourceVersion: '1', annotations: { [role]: {} } },
  }
  sources.server.watch(accountsPath).write({ type: 'MODIFIED', object })
  await relisted(sources)
  await expect(look(sources)).resolves.toBe('arn:1 held')
})

test('names and annotations that mean something to JavaScript mean nothing here', async () => {
  const { lookup } = await sourcing((server) => {
    server.annotate(accountPath('shop', '__proto__'), { [role]: 'arn:9' })
    server.put(accountPath('shop', 'x'), JSON.parse('{"metadata":{"name":"x","annotations":{"__proto__":{"a":1}}}}'))
  })
  await expect(lookup.serviceAccount('shop', '__proto__')).resolves.toEqual({ [role]: 'arn:9' })
  for (const name of ['x', 'constructor', 'tostring']) {
    await expect(lookup.serviceAccount('shop', name)).resolves.toEqual({})
    await expect(lookup.namespace(name, false)).resolves.toEqual({})
  }
})

test.each([
  ['a token that is no text', { metadata: { resourceVersion: '1', continue: 7 } }],
  ['no version', { metadata: {} }],
])('a list with %s is refused', async (_what, list) => {
  const sources = await startSources((server) => server.failOn(/serviceaccounts\?/, raw(200, JSON.stringify(list))))
  await sources.passPause()
  await sources.ready()
  expect(sources.log.lines[0]?.fields['error']).toMatchObject({ code: 'ClusterAnswerInvalid' })
})

test('a list that comes back to where it was is refused', async () => {
  const page = raw(200, JSON.stringify({ metadata: { resourceVersion: '1', continue: 'again' } }))
  const sources = await startSources((server) => server.failOn(/serviceaccounts\?/, page, page))
  await sources.passPause()
  await sources.ready()
  expect(sources.log.lines[0]?.fields['error']).toMatchObject({
    message: expect.stringContaining('the list does not go on'),
  })
})

test('a page may be far longer than an object may be', async () => {
  const large = { metadata: { name: 'x', namespace: 'shop', labels: { x: 'x'.repeat(1_000_000) } } }
  const sources = await sourcing((server) => {
    for (let at = 0; at < 9; at += 1) server.put(accountPath('large', `account-${at}`), large)
    prepare(10)(server)
  })
  await expect(look(sources)).resolves.toBe('arn:1 held')
  expect(sources.log.lines).toEqual([])
})

test('an object may take as many bytes as JSON makes of what the API server keeps', async () => {
  const large = { metadata: { name: 'x', namespace: 'large', labels: { x: 'x'.repeat(6 * 1.5 * 1024 * 1024) } } }
  const sources = await sourcing((server) => {
    server.put(accountPath('large', 'x'), large)
    prepare(10)(server)
  })
  await expect(look(sources)).resolves.toBe('arn:1 held')
  expect(sources.log.lines).toEqual([])
})

test('an object that is too long ends the list', async () => {
  const large = { metadata: { name: 'x', labels: { x: 'x'.repeat(12 * 1024 * 1024) } } }
  const sources = await startSources((server) => server.put(accountPath('large', 'x'), large))
  await sources.nextPause()
  expect(sources.log.lines[0]?.fields['error']).toMatchObject({
    message: expect.stringContaining('serviceaccounts: list: the answer is longer than 12582912 bytes'),
  })
})

test('where the rights to list are missing, single objects are asked for all the same', async () => {
  const denied = answering(403, 'no rights')
  const sources = await startSources((server) => {
    prepare(10)(server)
    server.failOn(/serviceaccounts\?/, denied, denied)
  })
  await sources.passPause()
  await sources.nextPause()
  await expect(look(sources)).resolves.toBe('arn:1 live')
  expect(sources.log.lines[0]).toMatchObject({ level: 'warn', event: 'watch interrupted' })
})
