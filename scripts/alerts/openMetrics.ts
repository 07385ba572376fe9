/** What one target answered, and what Prometheus adds to it. */
export type Scrape = {
  /** Unix seconds. */
  readonly at: number
  readonly target: Readonly<Record<string, string>>
  /** In the text format of Prometheus, or a few lines by hand. */
  readonly text: string
}

/**
 * Scrapes as one OpenMetrics file, which promtool makes blocks of (Prometheus docs, "Backfilling from OpenMetrics format"):
 * samples with the labels of their target and the time of their scrape. They must be in the order of time.
 */
export const toOpenMetrics = (scrapes: readonly Scrape[]): string => `${scrapes.flatMap(samplesOf).join('\n')}\n# EOF\n`

function samplesOf({ at, target, text }: Scrape): readonly string[] {
  const added = Object.entries(target).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => sampleOf(line, added, at))
}

const sample = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<own>.*)\})? (?<value>\S+)$/

function sampleOf(line: string, added: readonly string[], at: number): string {
  const { name, own, value } = sample.exec(line)?.groups ?? {}
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const labels = own === undefined || own === '' ? added : [own, ...added]
  return `${name}{${labels.join(',')}} ${value} ${at}`
}
