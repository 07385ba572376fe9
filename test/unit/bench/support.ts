import type { Lever, Spread } from '../../bench/bench.ts'
import type { Report } from '../../bench/report.ts'

/** As if read five times, a tenth to each side. */
export const spread = (median: number): Spread => ({ median, min: median * 0.9, max: median * 1.1, count: 5 })

export const lever = (name: string, dropped?: string): Lever => ({
  name,
  what: 'private memory',
  unit: 'MiB',
  without: spread(20),
  with: spread(15),
  ...(dropped !== undefined && { dropped: { why: dropped } }),
})

const environment: Report['environment'] = {
  lanyard: '0.1.0',
  commit: '0123456789ab',
  node: '24.21.0',
  v8: '13.6',
  processor: 'a processor',
  processors: 2,
  kernel: 'linux 6.1 x64',
  pinned: true,
  imageUser: true,
  date: '2026-01-02T03:04:05.000Z',
}

/** Small, with something of each kind. */
export const report: Report = {
  environment,
  complete: true,
  seconds: 130,
  measurements: [
    { id: 'sidecar.dirty.first', value: spread(15.5) },
    { id: 'sidecar.dirty.idle', value: spread(12) },
    { id: 'sidecar.dirty.20000', value: spread(13) },
    { id: 'sidecar.dirty.hour', value: spread(13) },
    { id: 'sidecar.start', value: spread(2.2), ours: spread(110), baseline: spread(50) },
    { id: 'sidecar.bundle', value: { median: 289, min: 289, max: 289, count: 1 } },
  ],
  curves: [
    {
      name: 'sidecar: requests/s',
      axis: 'connections',
      unit: '1/s',
      points: [
        { at: 1, value: 1_000 },
        { at: 16, value: 4_000 },
      ],
      exponent: 0.5,
    },
  ],
  levers: [
    lever('`--flag`'),
    { ...lever('`--flag`'), what: 'threads', unit: '' },
    lever('`--other`', 'it saves nothing'),
  ],
  leftOut: ["a pod's start: there is no cluster"],
  failed: [],
}
