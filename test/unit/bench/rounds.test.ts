import { expect, test } from 'vitest'
import { compare, interleave } from '../../bench/support/rounds.ts'

/** Takes that note when they are called, and give how often they were. */
function recorder(...names: readonly string[]) {
  const calls: string[] = []
  const take = (name: string) => async () => {
    calls.push(name)
    return `${name}${calls.filter((call) => call === name).length}`
  }
  return { calls, takes: names.map(take) }
}

test('each round takes everything once, beginning with another', async () => {
  const { calls, takes } = recorder('a', 'b', 'c')
  expect(await interleave({ rounds: 2, takes })).toEqual([
    ['a1', 'a2'],
    ['b1', 'b2'],
    ['c1', 'c2'],
  ])
  expect(calls.join('')).toBe('abcbca')
})

test('rounds that warm up are taken and do not count', async () => {
  const { calls, takes } = recorder('a', 'b')
  expect(await interleave({ rounds: 1, warmUp: 2, takes })).toEqual([['a3'], ['b3']])
  expect(calls).toHaveLength(6)
})

test('two are compared within one round', async () => {
  const { takes } = recorder('ours', 'empty')
  const [ours = async () => '', empty = async () => ''] = takes
  expect(await compare({ rounds: 2, warmUp: 1 }, ours, empty)).toEqual([
    { ours: 'ours2', baseline: 'empty2' },
    { ours: 'ours3', baseline: 'empty3' },
  ])
})

test('what a take throws ends it all', async () => {
  const failing = async (): Promise<never> => {
    throw new Error('a server ended')
  }
  await expect(interleave({ rounds: 3, takes: [failing] })).rejects.toThrow('a server ended')
})
