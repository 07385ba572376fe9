import { describe, expect, test } from 'vitest'
import { type Check, type Checked, runChecks, worstOf } from '../../../src/doctor/index.ts'
import { Failure } from '../../../src/errors/index.ts'

const check = (id: string, look: Check<string>['look'], needs?: readonly string[]): Check<string> => ({
  id,
  title: `${id} is well`,
  look,
  ...(needs !== undefined && { needs }),
})

async function runAll(...checks: readonly Check<string>[]) {
  const told: string[] = []
  const watcher = {
    begins: ({ id }: { id: string }) => void told.push(`begins ${id}`),
    ends: ({ id, verdict }: Checked) => void told.push(`${verdict} ${id}`),
    done: () => void told.push('done'),
  }
  return { checked: await runChecks(checks, 'ground', new AbortController().signal, watcher), told }
}

describe('runChecks', () => {
  test('asks in order, and tells each as it ends', async () => {
    const { checked, told } = await runAll(
      check('first', async (ground) => [{ verdict: 'ok', message: ground }]),
      check('second', async () => [
        { verdict: 'ok', message: 'one' },
        { verdict: 'warn', code: 'AppNeverAsked', message: 'two' },
      ]),
      check('third', async () => []),
    )
    expect(told).toEqual([
      'begins first',
      'ok first',
      'begins second',
      'warn second',
      'begins third',
      'ok third',
      'done',
    ])
    expect(checked.map(({ title, findings }) => [title, findings.length])).toEqual([
      ['first is well', 1],
      ['second is well', 2],
      ['third is well', 0],
    ])
  })

  test('skips what says nothing without another, and what depends on that', async () => {
    const never = async (): Promise<never> => expect.unreachable()
    const { told } = await runAll(
      check('a', async () => [{ verdict: 'fail', code: 'WebhookDown', message: 'x' }]),
      check('b', never, ['a']),
      check('c', never, ['b']),
      check('d', async () => [], ['e']),
      check('e', async () => []),
      check('f', async () => [{ verdict: 'warn', code: 'RightsMissing', message: 'x' }]),
      check('g', async () => [], ['f']),
    )
    expect(told.filter((line) => !line.startsWith('begins'))).toEqual([
      'fail a',
      'skip b',
      'skip c',
      // What comes later cannot be waited for.
      'skip d',
      'ok e',
      'warn f',
      'ok g',
      'done',
    ])
  })

  test('takes what is thrown for what was found; that one may not look is no failure', async () => {
    const { checked } = await runAll(
      check('many', async () => {
        throw new Failure(
          { code: 'RegionMissing', field: 'lanyard.dev/region', message: 'none', fix: 'Set it' },
          { code: 'ClusterForbidden', field: 'Pods of shop', message: 'list: HTTP 403', fix: 'not for you' },
        )
      }),
      check('bug', async () => {
        throw new TypeError('secret text')
      }),
    )
    expect(checked[0]?.findings).toEqual([
      { verdict: 'fail', code: 'RegionMissing', subject: 'lanyard.dev/region', message: 'none', fix: 'Set it' },
      { verdict: 'warn', code: 'RightsMissing', subject: 'Pods of shop', message: 'list: HTTP 403' },
    ])
    expect(checked[1]?.findings).toMatchObject([{ verdict: 'fail', code: 'Internal' }])
    expect(JSON.stringify(checked)).not.toContain('secret text')
  })
})

test('worstOf', () => {
  expect(worstOf([])).toBe('ok')
  expect(worstOf(['ok', 'skip'])).toBe('skip')
  expect(worstOf(['fail', 'warn', 'ok'])).toBe('fail')
  expect(worstOf(['skip', 'warn'])).toBe('warn')
})
