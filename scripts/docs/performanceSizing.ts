import type { Measurement } from '../../test/bench/bench.ts'
import type { FigureId } from '../../test/bench/figures.ts'
import { formatNumber, type Report, withUnit } from '../../test/bench/report.ts'
import { table } from './markdown.ts'

/** What an operator reckons with, out of the figures that were measured. */
export function sizingChapter({ measurements }: Report): string {
  const byId = new Map<string, Measurement>(measurements.map((one) => [one.id, one]))
  const rows = [...podRows(byId), ...webhookRows(byId)].filter((row) => row !== undefined)
  return [
    '## Sizing',
    '',
    table(['What', 'Costs'], rows),
    "Requests and limits of sidecar and webhook are values of [the chart](../charts/lanyard/README.md); a pod's annotations can",
    'set those of [its own sidecar](reference/annotations.md). What is requested is reserved on the node, by',
    'default far more than what is really taken, which is above.',
    '',
  ].join('\n')
}

type Measured = ReadonlyMap<string, Measurement>
/** Nothing where it was not measured. */
type Row = readonly [string, string] | undefined

function podRows(byId: Measured): readonly Row[] {
  const most = medianOf(byId, 'sidecar.dirty.hour')
  const idle = medianOf(byId, 'sidecar.idle')
  return [
    row(
      'memory that each further pod takes of its node: at rest, and after renewals',
      range(medianOf(byId, 'sidecar.dirty.idle'), most),
    ),
    row("a sidecar's resident memory, pages that pods share included", mebibytes(medianOf(byId, 'sidecar.rss.20000'))),
    row('memory of 1,000 pods, over all nodes, after renewals', most && `${((1_000 * most) / 1_024).toFixed(1)} GiB`),
    row('processors that 1,000 idle sidecars take', idle && formatNumber(idle)),
  ]
}

function webhookRows(byId: Measured): readonly Row[] {
  const ready = medianOf(byId, 'webhook.ready.50000')
  const reviews = (['4kB', '100kB', '1MB'] as const).map(
    (size) => byId.get(`webhook.requests.${size}.16`)?.ours?.median,
  )
  const known = reviews.filter((rate) => rate !== undefined)
  return [
    row(
      'pods that a replica of the webhook admits per second, with one processor: 4 kB, 100 kB, 1 MB',
      known.length === reviews.length && known.map(formatNumber).join('; '),
    ),
    row(
      'its memory with 10 and with 50,000 ServiceAccounts',
      range(medianOf(byId, 'webhook.dirty.10'), medianOf(byId, 'webhook.dirty.50000')),
    ),
    row('its memory after reviews of 1 MB on 16 connections', mebibytes(medianOf(byId, 'webhook.dirty.large'))),
    row('its memory after 1,000 new connections at once', mebibytes(medianOf(byId, 'webhook.dirty.burst'))),
    row('until a replica is ready, 50,000 ServiceAccounts', ready && withUnit(ready, 's')),
  ]
}

const medianOf = (byId: Measured, id: FigureId): number | undefined => byId.get(id)?.value.median

const row = (what: string, costs: string | number | false | undefined): Row =>
  typeof costs === 'string' ? [what, costs] : undefined

const mebibytes = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : withUnit(value, 'MiB')

function range(one: number | undefined, other: number | undefined): string | undefined {
  if (one === undefined || other === undefined) return undefined
  const [least, most] = [Math.min(one, other), Math.max(one, other)].map(formatNumber)
  return least === most ? `${least} MiB` : `${least} to ${most} MiB`
}
