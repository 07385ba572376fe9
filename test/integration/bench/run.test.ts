import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { benches } from '../../bench/benches.ts'

const PROGRAM = fileURLToPath(new URL('../../bench/run.ts', import.meta.url))
const call = (...args: readonly string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })

test('the bench names its parts', () => {
  const { status, stdout, stderr } = call('--list')
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...benches.map(({ name }) => name), ''])
})

test('whoever calls it wrongly is told why, and nothing is measured', () => {
  const { status, stdout, stderr } = call('--only', 'nothing')
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^bench: --only: there is no bench "nothing"; there are .*\n$/)
})
