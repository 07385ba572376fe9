/** `label="value"` and its like, inside a selector. */
export type Matcher = { readonly label: string; readonly sign: string; readonly value: string }
export type Selector = { readonly name: string; readonly matchers: readonly Matcher[] }
/** What an expression reads: its series, and the labels that it groups and joins by. */
export type Uses = { readonly selectors: readonly Selector[]; readonly grouping: readonly string[] }

const words = new Set([
  ...['and', 'or', 'unless', 'offset', 'bool', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right'],
  ...['sum', 'min', 'max', 'avg', 'count', 'group', 'topk', 'bottomk', 'quantile', 'stddev', 'stdvar', 'count_values'],
])

/** Strings, ranges and numbers first: what looks like a name inside them is none. */
const token =
  /"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\b\d[\w.]*|\b(?:by|without|on|ignoring|group_left|group_right)\s*\((?<labels>[^)]*)\)|(?<name>[a-zA-Z_:][\w:]*)(?:\s*\{(?<matchers>[^}]*)\})?(?<call>\s*\()?/g
const matcher = /(?<label>\w+)\s*(?<sign>=~|!~|!=|=)\s*"(?<value>(?:[^"\\]|\\.)*)"/g

/** Reads as much of PromQL as the rules and the dashboard need; promtool judges whether it is right. */
export function usesOf(expr: string): Uses {
  const found = [...expr.matchAll(token)].map(({ groups }) => groups ?? {})
  return {
    selectors: found.flatMap(({ name, matchers, call }) =>
      name === undefined || call !== undefined || words.has(name) ? [] : [{ name, matchers: matchersOf(matchers) }],
    ),
    grouping: found.flatMap(({ labels }) => labels?.match(/\w+/g) ?? []),
  }
}

const matchersOf = (text = ''): readonly Matcher[] =>
  [...text.matchAll(matcher)].map(({ groups: { label = '', sign = '', value = '' } = {} }) => ({ label, sign, value }))
