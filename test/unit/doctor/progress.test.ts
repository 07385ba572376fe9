import { expect, test } from 'vitest'
import { type Check, type Checked, createWatcher, runChecks } from '../../../src/doctor/index.ts'
import type { Style } from '../../../src/terminal/style.ts'

const plain = (text: string): string => text
const style: Style = { bold: plain, dim: plain, green: plain, red: plain, cyan: plain }
const checked: Checked = { id: 'a', title: 'all is well', verdict: 'ok', findings: [] }

test('on a terminal the check under way is a line that is written over', () => {
  let seen = ''
  const write = (text: string): void => {
    seen += text
  }
  const watcher = createWatcher({ write, isTerminal: true, style })
  watcher.begins(checked)
  expect(seen).toBe('…     all is well')
  watcher.ends(checked)
  expect(seen).toBe('…     all is well\r\u001b[2Kok    all is well\n')
  watcher.begins({ id: 'b', title: 'x'.repeat(100) })
  expect(seen.split('\n')[1]).toHaveLength(79)
})

test('elsewhere a check is told when it is done', () => {
  let seen = ''
  const write = (text: string): void => {
    seen += text
  }
  const watcher = createWatcher({ write, isTerminal: false, style })
  watcher.begins(checked)
  watcher.ends(checked)
  expect(seen).toBe('ok    all is well\n')
})

test('what another check has said already is not looked at, and a skip says nothing', async () => {
  const check = (id: string, verdict: 'ok' | 'skip' | 'fail', unless: readonly string[] = []): Check<undefined> => ({
    id,
    title: id,
    unless,
    look: async () => [{ verdict, code: 'Internal', message: 'x' }],
  })
  const watcher = { begins: () => {}, ends: () => {} }
  const all = [
    check('a', 'skip'),
    check('b', 'fail', ['a']),
    check('c', 'ok', ['a', 'b']),
    check('d', 'ok', ['c', 'z']),
  ]
  const done = await runChecks(all, undefined, new AbortController().signal, watcher)
  expect(done.map(({ verdict }) => verdict)).toEqual(['skip', 'fail', 'skip', 'ok'])
  expect(done[2]?.findings).toEqual([{ verdict: 'skip', message: 'depends on b' }])
})
