import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asciiOnly } from '../../../src/terminal/ascii.ts'
import { formatDuration } from '../../../src/terminal/duration.ts'
import { fitTable, shorten } from '../../../src/terminal/table.ts'

const columns = [
  { title: 'NAME', least: 6 },
  { title: 'ROLE', least: 5 },
  { title: 'TIME' },
  { title: 'MODE', isSpare: true },
]
const rows = [
  ['web-6d8f9c7b5d-x2x4z', '111122223333/web', '47m', 'sidecar'],
  ['db', '111122223333/database', '-', 'imds'],
]

describe('a table that fits', () => {
  test('is as wide as it likes where nobody says', () => {
    expect(fitTable(columns, rows)).toEqual([
      'NAME                  ROLE                   TIME  MODE',
      'web-6d8f9c7b5d-x2x4z  111122223333/web       47m   sidecar',
      'db                    111122223333/database  -     imds',
    ])
  })

  test('leaves out what is spare, then cuts what is widest in its middle', () => {
    expect(fitTable(columns, rows, 57)[0]).toBe('NAME                  ROLE                   TIME')
    expect(fitTable(columns, rows, 30)).toEqual([
      'NAME         ROLE         TIME',
      'web-6…x2x4z  11112…3/web  47m',
      'db           11112…abase  -',
    ])
  })

  test('cuts its lines where even that is too wide', () => {
    expect(fitTable(columns, rows, 16)).toEqual(['NAME    ROLE   …', 'web…4z  11…eb  …', 'db      11…se  -'])
  })

  test('is never wider than it may be', () => {
    const cell = fc.string({ maxLength: 30, unit: fc.constantFrom('a', '-', '/') })
    const some = fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 5 })
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 100 }), (cells, width) => {
        const lines = fitTable(columns, cells, width)
        expect(lines).toHaveLength(cells.length + 1)
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
      }),
    )
  })

  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'lo…er'],
    ['longer', 4, 'lo…r'],
    ['longer', 1, '…'],
  ])('%s in %i columns is %s', (text, width, cut) => expect(shorten(text, width)).toBe(cut))
})

test.each([
  [-5, '0s'],
  [59_999, '59s'],
  [60_000, '1m'],
  [95_000, '1m35s'],
  [599_000, '9m59s'],
  [659_000, '10m'],
  [3_599_000, '59m'],
  [3_660_000, '1h1m'],
  [43_200_000, '12h'],
  [90_000_000, '1d1h'],
  [8_640_000_000, '100d'],
])('%i ms are %s', (time, text) => expect(formatDuration(time)).toBe(text))

test.each([
  ['plain', 9, 'plain'],
  ['a\u001b[31m\u202e✓é', 20, 'a?[31m???'],
  ['much too long', 8, 'much ...'],
])('%j in ASCII', (text, longest, plain) => expect(asciiOnly(text, longest)).toBe(plain))
