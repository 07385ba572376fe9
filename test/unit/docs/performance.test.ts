import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatPage, performancePage } from '../../../scripts/docs/performance.ts'
import { drawCurve } from '../../../scripts/docs/performanceParts.ts'
import type { Report } from '../../bench/report.ts'
import { report } from '../bench/support.ts'

const page = formatPage(report)
const chapterOf = (title: string): string => (page.split(`\n## ${title}\n`)[1] ?? '').split('\n## ')[0] ?? ''

describe('the page', () => {
  test('counts the goals and says where and how it was measured', () => {
    expect(page).toContain('Of 4 goals, 2 are met')
    expect(page).toContain(
      'Lanyard 0.1.0, Node.js 24.21.0 (V8 13.6), 2 processors (a processor), linux 6.1 x64, 2026-01-02',
    )
    expect(page).toContain('this page anew: 3 minutes')
  })

  test('has a row for each figure, with goal, verdict and peers', () => {
    const chapter = chapterOf('The sidecar')
    expect(chapter).toContain(
      '| private memory at first credentials | 15.5 MiB | (14–17.1) |  | ≤ 15 | **no** | 3.9 to 6.0 |',
    )
    expect(chapter).toContain(
      '| exec to first credentials | 2.2 × | (1.98–2.42) | 110 / 50 ms | ≤ 2.3 | yes | 0.20 to 0.33 |',
    )
    expect(chapter).toContain('| the bundle | 289 kB |  |  | ≤ 230 | **no** |  |')
  })

  test('says what was not measured', () => {
    expect(chapterOf('The sidecar')).toContain('| threads | not measured |')
    expect(chapterOf('Not measured')).toContain("- a pod's start: there is no cluster")
  })

  test('gives a reason for every goal that is missed, and for no other', () => {
    const gaps = [...chapterOf('The sidecar').matchAll(/^- \*\*(.+?)\*\*, (.+?) where the goal is (.+?): ./gm)]
    expect(gaps.map(([, about, value, goal]) => [about, value, goal])).toEqual([
      ['private memory at first credentials', '15.5', '≤ 15'],
      ['the bundle', '289', '≤ 230'],
    ])
  })

  test('reckons what a pod costs', () => {
    expect(chapterOf('Sizing')).toContain(
      '| memory that each further pod takes of its node: at rest, and after renewals | 12 to 13 MiB |',
    )
    expect(chapterOf('Sizing')).toContain('| memory of 1,000 pods, over all nodes, after renewals | 12.7 GiB |')
  })

  test('names a lever once, and tells those that were dropped apart', () => {
    expect(chapterOf('Levers')).toContain('| `--flag` | private memory | 20 MiB | 15 MiB |\n|  | threads | 20 | 15 |')
    expect(chapterOf('Levers')).not.toContain('--other')
    expect(chapterOf('Tried and dropped')).toContain(
      '| `--other` | private memory | 20 MiB | 15 MiB | it saves nothing |',
    )
  })

  test('draws growth', () => {
    expect(chapterOf('Growth')).toContain('| sidecar: requests/s | connections | 0.50 |')
    expect(chapterOf('Growth')).toContain(`  16  ${'█'.repeat(40)} 4,000 1/s`)
  })

  test('of a run in which servers shared a processor says so', () => {
    expect(page).not.toContain('shared a processor')
    expect(formatPage({ ...report, environment: { ...report.environment, pinned: false } })).toContain(
      'shared a processor',
    )
  })
})

test('a bar is as long as its value, and never nothing', () => {
  const points = [1_000, 500, 1].map((value, index) => ({ at: 10 ** index, value }))
  expect(drawCurve({ name: 'memory', axis: 'pods', unit: 'MiB', points, exponent: 0 })).toBe(
    [
      'memory, by pods',
      `    1  ${'█'.repeat(40)} 1,000 MiB`,
      `   10  ${'█'.repeat(20)} 500 MiB`,
      '  100  █ 1 MiB',
    ].join('\n'),
  )
})

test('no page is made of a run that left something out', () => {
  const root = mkdtempSync(join(tmpdir(), 'lanyard-test-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'docs'))
  const keep = (kept: Report): void => writeFileSync(join(root, 'docs', 'performance.json'), JSON.stringify(kept))
  keep(report)
  expect(performancePage(root)).toBe(page)
  keep({ ...report, complete: false })
  expect(() => performancePage(root)).toThrow('a run that left something out')
})
