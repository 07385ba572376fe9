import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { formatRound, headingOf } from '../../../src/status/format.ts'
import type { Round, Row } from '../../../src/status/types.ts'
import { plain } from '../terminal/plain.ts'

type RecordedRow = Omit<Row, 'expires' | 'refreshed'> & { readonly expires?: string; readonly refreshed?: string }
type Recorded = Omit<Round, 'at' | 'rows'> & { readonly time: string; readonly rows: readonly RecordedRow[] }

const withInstants = ({ expires, refreshed, ...row }: RecordedRow): Row => ({
  ...row,
  ...(expires !== undefined && { expires: Date.parse(expires) }),
  ...(refreshed !== undefined && { refreshed: Date.parse(refreshed) }),
})

/** What fifty pods of a real cluster said to test/e2e/status.test.ts, once. */
function recorded(): Round {
  const { time, rows, ...round }: Recorded = JSON.parse(readFileSync('test/fixtures/status/fifty.json', 'utf8'))
  return { ...round, at: Date.parse(time), rows: rows.map(withInstants) }
}

test('the picture on the page is what --watch paints of them on a terminal of 100 columns and 30 lines', () => {
  const round = recorded()
  const view = { style: plain, now: round.at + 2_000, isWide: false, program: 'lanyard', width: 99, height: 29 }
  const painted = formatRound(round, view, [headingOf(round, view.now, 5_000)])
  expect([round.pods, painted.length]).toEqual([50, 29])
  const page = readFileSync('docs/operators/status.md', 'utf8')
  const picture = /```text\n(e2e-status, read [\s\S]*?)\n```/.exec(page)?.[1]?.split('\n') ?? []
  // A line that is … alone stands for rows that the page leaves out.
  const at = picture.indexOf('…')
  expect(at).toBeGreaterThan(8)
  expect(picture.slice(0, at)).toEqual(painted.slice(0, at))
  expect(picture.slice(at + 1)).toEqual(painted.slice(at + 1 - picture.length))
})
