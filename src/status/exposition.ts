/**
 * Prometheus' text format 0.0.4, as pods answer it, who may be anybody: all of it is read or nothing, within bounds. A small
 * reader of our own, since what the registries have is either unkept or guesses at what it cannot read.
 */

export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A sidecar of fifty sessions stays under a tenth of these. */
const longestText = 1024 * 1024
const mostSamples = 10_000
const mostLabels = 32

/** Undefined for whatever is no such text, or too much of it. Comments, metadata and timestamps are read over. */
export function parseExposition(text: string): readonly Sample[] | undefined {
  if (text.length > longestText) return undefined
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const sample = parseSample(line)
    if (sample === undefined || samples.length === mostSamples) return undefined
    samples.push(sample)
  }
  return samples
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,?)/y
/** Behind the name and its labels: the value, in either case as Go reads it, and perhaps a timestamp in milliseconds. */
const REST = /^[ \t]+(NaN|[+-]?Inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)(?:[ \t]+-?\d{1,15})?[ \t]*$/i

function parseSample(line: string): Sample | undefined {
  const name = NAME.exec(line)?.[0]
  if (name === undefined) return undefined
  const labelled = line[name.length] === '{' ? parseLabels(line, name.length + 1) : { labels: {}, end: name.length }
  const value = labelled && REST.exec(line.slice(labelled.end))?.[1]
  if (labelled === undefined || value === undefined) return undefined
  return { name, labels: labelled.labels, value: Number(value.replace(/inf/i, 'Infinity').replace(/nan/i, 'NaN')) }
}

/** From behind the brace to behind its counterpart. */
function parseLabels(line: string, from: number): { labels: Sample['labels']; end: number } | undefined {
  const labels = new Map<string, string>()
  let at = from
  let isLast = false
  while (line[at] !== '}') {
    LABEL.lastIndex = at
    const [whole = '', name = '', value = '', comma] = LABEL.exec(line) ?? []
    if (whole === '' || isLast || labels.has(name) || labels.size === mostLabels) return undefined
    labels.set(name, unescaped(value))
    isLast = comma === ''
    at += whole.length
  }
  // fromEntries defines own properties: a label `__proto__` stays data.
  return { labels: Object.fromEntries(labels), end: at + 1 }
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
