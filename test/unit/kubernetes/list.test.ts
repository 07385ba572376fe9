import { expect, test } from 'vitest'
import type { JsonObject } from '../../../src/json/index.ts'
import type { Cluster } from '../../../src/kubernetes/types.ts'
import { list } from '../../../src/kubernetes/watch/list.ts'
import type { Collection } from '../../../src/kubernetes/watch/types.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'

/** Lists from an answer that comes in these pieces, each so many milliseconds after the one before. */
async function listPieces(pieces: readonly string[], apart: number, more: Partial<Collection> = {}) {
  const clock = createVirtualClock()
  const never = new AbortController().signal
  async function* body(signal: AbortSignal): AsyncGenerator<Buffer> {
    for (const piece of pieces) {
      await clock.advance(apart)
      signal.throwIfAborted()
      yield Buffer.from(piece)
    }
  }
  const cluster: Cluster = {
    open: async (_request, signal) => ({ status: 200, headers: {}, body: body(signal), secrets: [] }),
    clock,
    random: () => 0,
    closed: never,
    close: () => {},
  }
  const told: unknown[] = []
  const follower = {
    listing: () => ({ add: (item: JsonObject) => void told.push(item), end: () => void told.push('end') }),
    changed: () => {},
    synced: () => void told.push('synced'),
  }
  const end = await list(cluster, { path: '/things', title: 'things', ...more }, follower, never)
  return { end, told, pending: clock.pending() }
}

const pieces = ['{"metadata":{"resourceVersion":"7"},"items":[', '{"a":1}', ',', '{"b":2}', ']}']

test('a page has time as long as it goes on', async () => {
  await expect(listPieces(pieces, 4_999)).resolves.toEqual({
    end: { kind: 'ended', version: '7' },
    told: [{ a: 1 }, { b: 2 }, 'end', 'synced'],
    pending: 0,
  })
})

test('a page that does not go on for 5 s is given up', async () => {
  const { end, told, pending } = await listPieces(pieces, 5_000)
  expect(end).toMatchObject({
    kind: 'failed',
    failure: { message: expect.stringContaining('things: list: no whole answer within 5 s') },
  })
  expect([told, pending]).toEqual([[], 0])
})

test.each([
  ['an item is no JSON', ['{"metadata":{"resourceVersion":"7"},"items":[{"a":]}]}']],
  ['a comma is missing', ['{"metadata":{"resourceVersion":"7"},"items":[{"a":1}{"a":1}]}']],
  ['an item is a number', ['{"metadata":{"resourceVersion":"7"},"items":[0]}']],
  ['an item is a list', ['{"metadata":{"resourceVersion":"7"},"items":[{"a":1},[]]}']],
  ['there are two lists', ['{"metadata":{"resourceVersion":"7"},"items":[{"a":1}],"items":[{"a":1}]}']],
  ['items are an object', ['{"metadata":{"resourceVersion":"7"},"items":{}}']],
  ['it is cut off', pieces.slice(0, -1)],
  ['it is a list', ['[]']],
])('where %s, the list does not end', async (_what, broken) => {
  const { end, told } = await listPieces(broken, 1)
  expect(end).toMatchObject({ kind: 'failed', failure: { code: 'ClusterAnswerInvalid' } })
  expect(told).not.toContain('end')
})

test('objects that mention nothing of what is looked for are passed over', async () => {
  const { end, told } = await listPieces(pieces, 1, { mentions: ['"b"', '"c"'] })
  expect([end, told]).toEqual([{ kind: 'ended', version: '7' }, [{ b: 2 }, 'end', 'synced']])
})

test('null stands for no items, as Go writes it', async () => {
  const { end, told } = await listPieces(['{"metadata":{"resourceVersion":"7"},"items":null}'], 1)
  expect([end, told]).toEqual([{ kind: 'ended', version: '7' }, ['end', 'synced']])
})
