import { expect, test } from 'vitest'
import { addedBy, instantOf, type Start, startTime } from '../../bench/podStart/instants.ts'

test('an instant is the stamp of the first line that holds the text, to the nanosecond', () => {
  const log = [
    '2026-11-28T01:35:22.874722040Z {"msg":"sidecar started"}',
    '2026-11-28T01:35:23Z {"msg":"credentials obtained"}',
    '2026-11-28T02:35:23.5+01:00 again: credentials obtained',
  ].join('\n')
  expect(instantOf(log)).toBeCloseTo(Date.parse('2026-11-28T01:35:22Z') + 874.72204, 3)
  expect(instantOf(log, 'credentials obtained')).toBe(Date.parse('2026-11-28T01:35:23Z'))
  expect(instantOf(log, 'again')).toBe(Date.parse('2026-11-28T01:35:23Z') + 500)
})

test.each(['', 'no stamp at all', '2026-11-28T01:35:22Z something else'])(
  'a log without that line is an error: %j',
  (log) => {
    expect(() => instantOf(log, 'sidecar started')).toThrow('no line with "sidecar started"')
  },
)

/** In milliseconds; the node's clock is an hour ahead. */
const AHEAD = 3_600_000
const without: Start = { asked: 1_000, answered: 1_010, app: AHEAD + 1_600 }
const having: Start = {
  asked: 5_000,
  answered: 5_030,
  app: AHEAD + 5_950,
  sidecar: { listening: AHEAD + 5_700, credentials: AHEAD + 5_800 },
}

test('what is added is the sum of its parts, whatever the clocks say', () => {
  const { added, ...parts } = addedBy(having, without)
  expect(added).toBeCloseTo(0.35)
  expect(parts).toEqual({
    review: expect.closeTo(0.02),
    listening: expect.closeTo(0.08),
    credentials: expect.closeTo(0.1),
    app: expect.closeTo(0.15),
  })
  expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(added)
  expect(startTime(without)).toBeCloseTo(AHEAD / 1_000 + 0.6)
})

test('a pod that was not injected, or whose app was not held, gives no figure', () => {
  const { sidecar, ...plain } = having
  expect(() => addedBy(plain, without)).toThrow('no sidecar')
  const early = { ...having, app: (sidecar?.credentials ?? 0) - 1 }
  expect(() => addedBy(early, without)).toThrow('before there were credentials')
})
