import { expect, test } from 'vitest'
import { createStore } from '../../../src/kubernetes/sources/store.ts'

const account = (name: string, annotations?: Record<string, string>) => ({
  metadata: { name, namespace: 'shop', labels: { any: 'x' }, ...(annotations === undefined ? {} : { annotations }) },
})

/** All but the names that are given carry no annotation of ours. */
const page = (from: number, said: readonly string[]) =>
  Array.from({ length: 500 }, (_each, at) => `account-${from + at}`).map((name) =>
    account(name, { 'other.dev/x': 'x', ...(said.includes(name) ? { 'lanyard.dev/role-arn': name } : {}) }),
  )

test('of 50,000 ServiceAccounts those 2 are held that say something', () => {
  const store = createStore({ uptime: () => 0 }, 'serviceaccounts')
  const listing = store.follower.listing()
  for (let from = 0; from < 50_000; from += 500) page(from, ['account-7', 'account-49999']).forEach(listing.add)
  expect(store.size()).toBe(0)
  listing.end()
  store.follower.synced()
  expect(store.size()).toBe(2)
  expect(store.get('shop/account-49999')).toEqual({ 'lanyard.dev/role-arn': 'account-49999' })
  for (const object of page(0, ['account-8'])) store.follower.changed('ADDED', object)
  expect(store.size()).toBe(2)
  expect(store.get('shop/account-7')).toBeUndefined()
})

test('until the next list is complete, the last one is held', () => {
  const store = createStore({ uptime: () => 0 }, 'serviceaccounts')
  const first = store.follower.listing()
  first.add(account('a', { 'lanyard.dev/role-arn': '1' }))
  first.end()
  store.follower.synced()
  const broken = store.follower.listing()
  broken.add(account('a', { 'lanyard.dev/role-arn': '2' }))
  expect(store.get('shop/a')).toEqual({ 'lanyard.dev/role-arn': '1' })
  const next = store.follower.listing()
  next.add(account('b', { 'lanyard.dev/role-arn': '3' }))
  next.end()
  expect([store.get('shop/a'), store.get('shop/b')]).toEqual([undefined, { 'lanyard.dev/role-arn': '3' }])
})
