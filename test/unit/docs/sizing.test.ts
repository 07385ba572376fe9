import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  formatSizing,
  SCRAPE_SECONDS,
  SIZES,
  SIZING,
  seriesOfSidecar,
  sizingPage,
} from '../../../scripts/docs/sizing.ts'
import { formatNumber, type Report } from '../../bench/report.ts'
import { report as partial } from '../bench/support.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const textOf = (path: string): string => readFileSync(`${root}${path}`, 'utf8')
const report = JSON.parse(textOf('docs/performance.json')) as Report
const page = textOf(SIZING)
/** What the chart installs where nothing is said. */
const chart = parse(textOf('charts/lanyard/values.yaml'))

const measured = (id: string): Report['measurements'][number] => {
  const found = report.measurements.find((one) => one.id === id)
  if (found === undefined) throw new Error(`the report has no ${id}`)
  return found
}
const cellsOf = (what: string): readonly string[] => {
  const [line = ''] = page.match(new RegExp(`^\\| ${what} \\|.*$`, 'm')) ?? []
  return line
    .split(' | ')
    .slice(1)
    .map((cell) => cell.replace(' |', ''))
}

test('the page is what the code makes of the report that is kept', async () => {
  expect(await sizingPage(root)).toBe(page)
})

/** Reckoned here once more, by hand. */
describe('each row is a product of what was measured', () => {
  test('memory: taken, and requested', () => {
    const each = measured('sidecar.dirty.hour').value.median
    expect(cellsOf('memory that sidecars take')).toEqual([
      `${formatNumber(10 * each)} MiB`,
      ...[100, 1_000, 10_000].map((pods) => `${formatNumber((pods * each) / 1_024)} GiB`),
    ])
    expect(chart.config.sidecar.resources.requests).toEqual({ cpu: '5m', memory: '64Mi' })
    expect(cellsOf('memory that they request')).toEqual(['640 MiB', '6.25 GiB', '62.5 GiB', '625 GiB'])
    expect(cellsOf('processors that they request')).toEqual(['0.05', '0.5', '5', '50'])
  })

  test('calls of STS: of 100,000, so many in part', () => {
    const { median } = measured('herd.mean').value
    expect(cellsOf('calls a second, sessions of 1 h')).toEqual(SIZES.map((n) => formatNumber((n * median) / 100_000)))
    const after = measured('herd.afterOutage').value.median
    expect(cellsOf('the busiest minute after 20 minutes without STS')).toEqual(
      SIZES.map((pods) => formatNumber((pods * after * median) / 100_000)),
    )
    expect(cellsOf('the busiest minute of these, a second').slice(0, 2)).toEqual(['single calls', 'single calls'])
  })

  test('the webhook: time for a review, times pods', () => {
    const small = measured('webhook.cpu.4kB.16').ours?.median ?? 0
    expect(cellsOf('processor time to admit them all, 4 kB each').at(-1)).toBe(`${formatNumber(small / 100)} s`)
  })

  test('tokens: one each time four fifths of their lifetime are over', () => {
    expect(chart.config.defaults.tokenExpiration).toBe('24h')
    expect(cellsOf('the same for a whole day')).toEqual(['12.5', '125', '1,250', '12,500'])
  })

  test('series: those of a sidecar that lives, and those of the scrape', async () => {
    const series = await seriesOfSidecar()
    expect(series).toBeLessThan(15)
    expect(cellsOf('series of sidecars').at(-1)).toBe(((series + 5) * 10_000).toLocaleString('en-US'))
    expect(`${SCRAPE_SECONDS}s`).toBe(chart.monitoring.podMonitor.interval)
  })
})

test('no page is made of a report that lacks a figure', () => {
  expect(() => formatSizing(partial, 14)).toThrow('has no sidecar.idle')
})
