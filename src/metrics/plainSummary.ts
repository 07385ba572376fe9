import { Summary } from 'prom-client'

type Labels = Partial<Record<string, string | number>>
type Series = { readonly labels: Labels; sum: number; count: number }

/**
 * A summary without quantiles: a sum and a count per label set, nothing else. prom-client's own keeps a digest of the
 * observed values even when no quantile is asked for, up to a thousand of them between compressions, in every pod.
 */
export class PlainSummary extends Summary<string> {
  readonly #series = new Map<string, Series>()

  /** Makes the series exist at 0. */
  begin(labels: Labels): void {
    this.#of(labels)
  }

  override observe(value: number): void
  override observe(labels: Labels, value: number): void
  override observe(first: Labels | number, second?: number): void {
    const [labels, value] = typeof first === 'number' ? [{}, first] : [first, second ?? 0]
    const series = this.#of(labels)
    series.sum += value
    series.count += 1
  }

  override async get(): Promise<Awaited<ReturnType<Summary<string>['get']>>> {
    const description = await super.get()
    const values = [...this.#series.values()].flatMap(({ labels, sum, count }) => [
      { metricName: `${description.name}_sum`, labels, value: sum },
      { metricName: `${description.name}_count`, labels, value: count },
    ])
    return { ...description, values }
  }

  #of(labels: Labels): Series {
    const key = JSON.stringify(Object.entries(labels).sort())
    const known = this.#series.get(key) ?? { labels, sum: 0, count: 0 }
    this.#series.set(key, known)
    return known
  }
}
