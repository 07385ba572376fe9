import { expect, test } from 'vitest'
import { hold, raw } from './faults.ts'
import { accountPath, accountsPath, namespacePath, namespacesPath, role, sourcing, startSources } from './sourcing.ts'

const many = (count: number) => Array.from({ length: count }, (_, at) => `account-${at}`)

test('both are listed and watched as metadata alone, from the version of the list', async () => {
  const { server } = await sourcing()
  const as = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`
  const asked = server.seen.map(({ url, headers }) => {
    const { pathname, searchParams } = new URL(url, 'https://api')
    return { pathname, query: Object.fromEntries(searchParams), accept: headers.accept, connection: headers.connection }
  })
  const watch = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: server.version(), timeoutSeconds: '330' }
  for (const pathname of [accountsPath, namespacesPath]) {
    expect(asked.filter((each) => each.pathname === pathname)).toEqual([
      { pathname, query: { limit: '500' }, accept: as('PartialObjectMetadataList'), connection: 'keep-alive' },
      { pathname, query: watch, accept: as('PartialObjectMetadata'), connection: 'close' },
    ])
  }
})

test('what is said for Lanyard is answered from what is held, whatever page it came on, and nothing else is kept', async () => {
  const { server, lookup, gets } = await sourcing((api) => {
    for (const name of many(1_201)) api.put(accountPath('shop', name))
    const annotations = { [role]: 'arn:1', 'eks.amazonaws.com/role-arn': 'arn:2', 'other.dev/role-arn': 'x' }
    for (const name of ['account-0', 'account-600', 'account-1200'])
      api.annotate(accountPath('shop', name), annotations)
    api.annotate(namespacePath('shop'), { 'lanyard.dev/permitted-roles': 'arn:*', 'x.lanyard.dev/y': 'x' })
  })
  for (const name of ['account-0', 'account-600', 'account-1200']) {
    await expect(lookup.serviceAccount('shop', name)).resolves.toEqual({
      [role]: 'arn:1',
      'eks.amazonaws.com/role-arn': 'arn:2',
    })
  }
  await expect(lookup.namespace('shop', false)).resolves.toEqual({ 'lanyard.dev/permitted-roles': 'arn:*' })
  expect(gets()).toEqual([])
  const lists = server.seen.flatMap(({ url }) => (url.startsWith(`${accountsPath}?limit`) ? [url] : []))
  expect(lists.map((url) => url.includes('continue='))).toEqual([false, true, true])
})

test('nothing to inject is asked live each time: what came a moment ago counts', async () => {
  const { server, lookup, gets } = await sourcing((api) => api.put(accountPath('shop', 'web')))
  await expect(lookup.serviceAccount('shop', 'web')).resolves.toEqual({})
  await expect(lookup.serviceAccount('shop', 'none')).resolves.toEqual({})
  await expect(lookup.namespace('shop', false)).resolves.toEqual({})
  server.annotate(accountPath('shop', 'none'), { [role]: 'arn:1' })
  await expect(lookup.serviceAccount('shop', 'none')).resolves.toEqual({ [role]: 'arn:1' })
  expect(gets().slice(0, 3)).toEqual([accountPath('shop', 'web'), accountPath('shop', 'none'), namespacePath('shop')])
  expect(server.seen.find(({ url }) => url === namespacePath('shop'))?.headers.accept).toBe(
    'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  )
})

test('a live answer is not kept: the watch alone says what is', async () => {
  const { server, lookup, gets } = await sourcing()
  server.failOn(/web$/, raw(200, JSON.stringify({ metadata: { name: 'web', annotations: { [role]: 'arn:1' } } })))
  await expect(lookup.serviceAccount('shop', 'web')).resolves.toEqual({ [role]: 'arn:1' })
  await expect(lookup.serviceAccount('shop', 'web')).resolves.toEqual({})
  expect(gets()).toHaveLength(2)
})

test('what the watch tells counts: changed, taken away, deleted, come again', async () => {
  const path = accountPath('shop', 'web')
  const { server, lookup, gets, syncs } = await sourcing((api) => api.annotate(path, { [role]: 'arn:1', other: 'x' }))
  const seen = syncs.serviceaccounts
  const told = async (change: () => void): Promise<unknown> => {
    const next = seen.reached(seen.count() + 1)
    change()
    await next
    return await lookup.serviceAccount('shop', 'web')
  }
  await expect(told(() => server.annotate(path, { [role]: 'arn:2' }))).resolves.toEqual({ [role]: 'arn:2' })
  expect(gets()).toEqual([])
  await expect(told(() => server.annotate(path, { other: 'x' }))).resolves.toEqual({})
  expect(gets()).toHaveLength(1)
  await expect(told(() => server.annotate(path, { [role]: 'arn:3' }))).resolves.toEqual({ [role]: 'arn:3' })
  expect(gets()).toHaveLength(1)
  await expect(told(() => server.remove(path))).resolves.toEqual({})
  expect(gets()).toHaveLength(2)
  await expect(told(() => server.annotate(path, { [role]: 'arn:4' }))).resolves.toEqual({ [role]: 'arn:4' })
  expect(gets()).toHaveLength(2)
})

test('a namespace is asked live where it must be of now; the account beside it is held', async () => {
  const { server, lookup, gets } = await sourcing((api) => {
    api.annotate(accountPath('shop', 'web'), { [role]: 'arn:1' })
    api.annotate(namespacePath('shop'), { 'lanyard.dev/permitted-roles': 'arn:1' })
  })
  server.failOn(
    /namespaces\/shop$/,
    raw(200, JSON.stringify({ metadata: { name: 'shop', annotations: { [role]: 'arn:2' } } })),
  )
  await expect(lookup.namespace('shop', true)).resolves.toEqual({ [role]: 'arn:2' })
  expect(gets()).toEqual([namespacePath('shop')])
  await expect(lookup.namespace('shop', false)).resolves.toEqual({ 'lanyard.dev/permitted-roles': 'arn:1' })
  await expect(lookup.serviceAccount('shop', 'web')).resolves.toEqual({ [role]: 'arn:1' })
  expect(gets()).toEqual([namespacePath('shop')])
})

test('objects are told apart by namespace and name, and by kind', async () => {
  const { lookup } = await sourcing((api) => {
    api.annotate(accountPath('shop', 'web'), { [role]: 'arn:shop-web' })
    api.annotate(accountPath('web', 'shop'), { [role]: 'arn:web-shop' })
    api.annotate(namespacePath('shop'), { [role]: 'arn:shop' })
  })
  await expect(lookup.serviceAccount('shop', 'web')).resolves.toEqual({ [role]: 'arn:shop-web' })
  await expect(lookup.serviceAccount('web', 'shop')).resolves.toEqual({ [role]: 'arn:web-shop' })
  await expect(lookup.namespace('shop', false)).resolves.toEqual({ [role]: 'arn:shop' })
  await expect(lookup.namespace('web', false)).resolves.toEqual({})
})

test('it is ready when both are listed to the end', async () => {
  const { fault, open } = hold()
  const held = await startSources((api) => {
    for (const name of many(501)) api.put(accountPath('shop', name))
    api.failOn(/serviceaccounts\?.*continue/, fault)
  })
  let isReady = false
  const ready = held.ready().then(() => {
    isReady = true
  })
  await held.syncs.namespaces.reached(1)
  await held.server.asked(4)
  expect(isReady).toBe(false)
  open()
  await ready
  expect(isReady).toBe(true)
})

test('each time that nothing was missed is told, by resource', async () => {
  const { clock, instants, bookmark } = await sourcing()
  const began = Math.floor(clock.now() / 1_000)
  await clock.advance(60_000)
  await bookmark('namespaces')
  expect(instants.toSorted()).toEqual([
    ['namespaces', began],
    ['namespaces', began],
    ['namespaces', began + 60],
    ['serviceaccounts', began],
    ['serviceaccounts', began],
  ])
})

test('a proxy that hands no Accept on changes nothing', async () => {
  const { server, lookup, gets, syncs } = await sourcing((api) => {
    api.ignoreAccept()
    api.put(accountPath('shop', 'web'), { secrets: [{ name: 'x' }] })
    api.annotate(accountPath('shop', 'web'), { [role]: 'arn:1' })
  })
  await expect(lookup.serviceAccount('shop', 'web')).resolves.toEqual({ [role]: 'arn:1' })
  const next = syncs.namespaces.reached(syncs.namespaces.count() + 1)
  server.annotate(namespacePath('shop'), { [role]: 'arn:2' })
  await next
  await expect(lookup.namespace('shop', false)).resolves.toEqual({ [role]: 'arn:2' })
  expect(gets()).toEqual([])
})

test.each(['..', '.', '', 'a/b', 'a?b', '../../secrets/x', 'Web', '%2e', 'a\n', 'x'.repeat(254)])(
  'what no object can be called is not asked for: %j',
  async (name) => {
    const { lookup, gets } = await sourcing((server) => server.annotate(namespacePath('other'), { [role]: 'arn:1' }))
    await expect(lookup.serviceAccount('shop', name)).resolves.toEqual({})
    await expect(lookup.serviceAccount(name, 'web')).resolves.toEqual({})
    await expect(lookup.namespace(name, false)).resolves.toEqual({})
    expect(gets()).toEqual([])
  },
)
