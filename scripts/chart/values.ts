import { isMap, isNode, isScalar, LineCounter, parse, parseDocument } from 'yaml'

/** A value of the chart that is written by hand: what values.yaml says of it. */
export type ChartValue = {
  /** `tls.certManager.duration` */
  readonly key: string
  readonly doc: string
  readonly default: unknown
  /** What follows `@schema`: the name of a definition, or a piece of JSON Schema. */
  readonly schema?: unknown
}
/** A group of values, with what is said above it. */
export type Section = { readonly key: string; readonly doc: string }
export type ChartValues = { readonly values: readonly ChartValue[]; readonly sections: readonly Section[] }

type Comment = Pick<ChartValue, 'doc' | 'schema'>

type Commented = { readonly key: string; readonly comment: Comment; readonly value: unknown }

/**
 * Values and sections of a values.yaml, but for `config`, which comes from the settings. A mapping is a section, unless it
 * is empty or has `@schema` above it.
 */
export function readValues(text: string): ChartValues {
  const lineCounter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter })
  const lines = text.split('\n')
  const all = [...pairsOf(contents, '', (offset) => commentAbove(lines, lineCounter.linePos(offset).line))]
  return {
    sections: all.filter(isSection).map(({ key, comment }) => ({ key, doc: comment.doc })),
    values: all
      .filter((one) => !isSection(one))
      .map(({ key, comment, value }) => ({
        key,
        ...comment,
        default: isNode(value) ? (value.toJSON() as unknown) : value,
      })),
  }
}

const isSection = ({ comment, value }: Commented): boolean =>
  isMap(value) && value.items.length > 0 && comment.schema === undefined

function* pairsOf(map: unknown, prefix: string, commentAt: (offset: number) => Comment): Generator<Commented> {
  for (const { key: name, value } of isMap(map) ? map.items : []) {
    if (!isScalar(name) || (prefix === '' && name.value === 'config')) continue
    const one = { key: `${prefix}${String(name.value)}`, comment: commentAt(name.range?.[0] ?? 0), value }
    yield one
    if (isSection(one)) yield* pairsOf(value, `${one.key}.`, commentAt)
  }
}

/** The comment lines right above a line (counted from 1), without a blank between. */
function commentAbove(lines: readonly string[], line: number): Comment {
  const comment: string[] = []
  for (let at = line - 2; at >= 0 && /^\s*#/.test(lines[at] ?? ''); at--) comment.unshift(stripped(lines[at] ?? ''))
  const schema = comment.find((text) => text.startsWith('@schema '))?.slice('@schema '.length)
  const doc = comment.filter((text) => !text.startsWith('@schema ')).join(' ')
  return { doc, ...(schema !== undefined && { schema: parse(schema) as unknown }) }
}

const stripped = (text: string): string => text.replace(/^\s*#\s?/, '')
