import { codes, describe } from '../errors/index.ts'

/** The processes that have metrics. */
export type MetricProcess = 'webhook' | 'sidecar' | 'broker'

/** The values of a label, where they are a closed set; else where they come from, which must be as small. */
export type LabelEntry = { readonly values: readonly string[] } | { readonly from: string }

export type MetricEntry = {
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  /** One sentence, the HELP line too. */
  readonly help: string
  readonly processes: readonly MetricProcess[]
  readonly labels: Readonly<Record<string, LabelEntry>>
  /** Upper bounds in seconds, of histograms. */
  readonly buckets?: readonly number[]
}

/** The codes of an area. */
export const codesOf = (area: string): readonly string[] =>
  (Object.keys(codes) as (keyof typeof codes)[]).filter((code) => describe(code).area === area)
