import { describe, expect, test } from 'vitest'
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

test('a narrow terminal is not wider than it is', () => {
  let seen = ''
  const write = (text: string): void => {
    seen += text
  }
  const watcher = createWatcher({ write, isTerminal: true, columns: () => 40, style })
  watcher.begins({ id: 'a', title: 'x'.repeat(100) })
  expect(seen).toHaveLength(39)
  watcher.ends({ id: 'a', title: 'word '.repeat(20).trim(), verdict: 'ok', findings: [] })
  const lines = seen.split('\u001b[2K')[1]?.split('\n') ?? []
  expect(lines.length).toBeGreaterThan(2)
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40)
})

describe('checks that were not asked, since one before them failed', () => {
  const unasked = (id: string, cause: string): Checked => ({
    id,
    title: `${id} is well`,
    verdict: 'skip',
    findings: [{ verdict: 'skip', message: `depends on ${cause}` }],
  })
  const told = (isTerminal: boolean, ...all: readonly Checked[]): string => {
    let seen = ''
    const write = (text: string): void => {
      seen += text
    }
    const watcher = createWatcher({ write, isTerminal, style })
    for (const each of all) {
      watcher.begins(each)
      watcher.ends(each)
    }
    watcher.done()
    return seen
  }

  test('are one line for all in a row, also at the end', () => {
    const text = told(false, unasked('b', 'a'), unasked('c', 'b'), checked, unasked('d', 'a'), unasked('e', 'b'))
    expect(text).toBe(
      'skip  2 checks skipped: b, c, which depend on a\nok    all is well\nskip  2 checks skipped: d, e, which depend on a, b\n',
    )
  })

  test('one alone is as others are, and what was asked in vain stands for itself', () => {
    const inVain: Checked = { ...unasked('c', 'x'), findings: [{ verdict: 'skip', message: 'no pod is there' }] }
    expect(told(false, unasked('b', 'a'), inVain)).toBe(
      'skip  b is well\n      depends on a\nskip  c is well\n      no pod is there\n',
    )
  })

  test('leave nothing of their progress on a terminal', () => {
    const again = '\r\u001b[2K'
    expect(told(true, unasked('b', 'a'), unasked('c', 'b'))).toBe(
      `…     b is well${again}…     c is well${again}skip  2 checks skipped: b, c, which depend on a\n`,
    )
  })
})

test('what another check has said already is not looked at, and a skip says nothing', async () => {
  const check = (id: string, verdict: 'ok' | 'skip' | 'fail', unless: readonly string[] = []): Check<undefined> => ({
    id,
    title: id,
    unless,
    look: async () => [{ verdict, code: 'Internal', message: 'x' }],
  })
  const watcher = { begins: () => {}, ends: () => {}, done: () => {} }
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
