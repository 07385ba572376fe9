import { describe, expect, test } from 'vitest'
import { formatNumber, type Report } from '../../bench/report.ts'
import { textOf } from './pages.ts'

const page = textOf('docs/comparison.md')
const report = JSON.parse(textOf('docs/performance.json')) as Report
const median = (id: string): number => {
  const found = report.measurements.find((one) => one.id === id)
  if (found === undefined) throw new Error(`the report has no ${id}`)
  return found.value.median
}
const ours = (id: string): number => report.measurements.find((one) => one.id === id)?.ours?.median ?? Number.NaN

/** The second cell of a row, where Lanyard stands. */
function lanyards(what: string): string {
  const row = page.split('\n').find((line) => line.startsWith(`| ${what}`))
  return row?.split(' | ')[1] ?? `there is no row ${what}`
}

describe('figures of Lanyard are those of the report', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['memory', `about ${Math.round(median('sidecar.dirty.hour'))} MiB`],
    ['start of a pod', `about ${median('pod.added').toFixed(2)} s more`],
    ['time to first credentials', `${formatNumber(ours('sidecar.start'))} ms`],
    ["the webhook's processor time, pods of 4 kB", `${formatNumber(median('webhook.cpu.4kB.16'))} times`],
    ['private memory of what serves credentials', `${formatNumber(median('sidecar.dirty.20000'))} MiB`],
    ['idle processor time', `${formatNumber(median('sidecar.idle'))} ms/s`],
    ['requests a second over an empty server', `${formatNumber(median('sidecar.requests.16'))} ×`],
    [
      "the webhook's processor time per review",
      ['4kB', '100kB', '1MB'].map((size) => formatNumber(median(`webhook.cpu.${size}.16`))).join(', '),
    ],
    ['what 50,000 ServiceAccounts add', `${formatNumber(median('webhook.dirty.added'))} MiB`],
    ['the webhook ready', `${formatNumber(median('webhook.ready.50000'))} s`],
  ]

  test.each(rows)('%s: %s', (what, figure) => {
    expect(lanyards(what)).toContain(figure)
  })
})

test('figures of the peers are those of the page on performance', () => {
  const performance = textOf('docs/performance.md')
  for (const figure of ['18.6 ms', '11.3 ms', '6.0 / 6.5 / 7.0 MiB', '3.9 / 5.5 / 7.2 MiB', '61 to 75 MiB', '1.46 s'])
    expect(performance).toContain(figure)
  for (const figure of ['19 ms', '11 ms', '7.0 MiB', '7.2', '61 to 75 MiB', '1.46 s', '6 to 7 MiB'])
    expect(page).toContain(figure)
})

test('what is worse is said first', () => {
  expect(page.indexOf('## Where Lanyard is worse')).toBeLessThan(page.indexOf('## Who does what'))
})
