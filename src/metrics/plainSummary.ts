import { Gauge } from 'prom-client'

type Labels = Partial<Record<string, string | number>>
type Series = { readonly labels: Labels; sum: number; count: number }
type Described = Awaited<ReturnType<Gauge<string>['get']>>

/**
 * A summary without quantiles: a sum and a count per label set, nothing else. prom-client's own keeps a digest of the
 * observed values even when no quantile is asked for, up to a thousand of them between compressions, in every pod; so it is
 * not loaded there at all, and what this stands on is the simplest of its metrics.
 */
export class PlainSummary extends Gauge<string> {
  readonly #series = new Map<string, Series>()
  /** By the very object: who observes often has one. */
  readonly #known = new WeakMap<Labels, Series>()

  /** Makes the series exist at 0. */
  begin(labels: Labels): void {
    this.#of(labels)
  }

  observe(labels: Labels, value: number): void {
    const series = this.#of(labels)
    series.sum += value
    series.count += 1
  }

  override async get(): Promise<Described> {
    const description = await super.get()
    const values = [...this.#series.values()].flatMap(({ labels, sum, count }) => [
      { metricName: `${description.name}_sum`, labels, value: sum },
      { metricName: `${description.name}_count`, labels, value: count },
    ])
    // The library's text has the type's word, whatever its declarations say.
    return Object.assign(description, { type: 'summary' }, { values })
  }

  #of(labels: Labels): Series {
    const known = this.#known.get(labels)
    if (known !== undefined) return known
    const key = JSON.stringify(Object.entries(labels).sort())
    const series = this.#series.get(key) ?? { labels: { ...labels }, sum: 0, count: 0 }
    this.#series.set(key, series)
    this.#known.set(labels, series)
    return series
  }
}
