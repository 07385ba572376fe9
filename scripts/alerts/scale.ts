import { parse, stringify } from 'yaml'

type Rule = Readonly<Record<string, unknown>>
type Group = { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }
type RuleFile = { readonly groups: readonly Group[] }

/**
 * The rules with every duration of Prometheus divided by `factor`: intervals, `for`, ranges and offsets. All else is as it
 * was, numbers of seconds among them, so that what takes minutes can be seen in seconds, by the same expressions.
 */
export function scaleRules(text: string, factor: number): string {
  const { groups }: RuleFile = parse(text)
  const shorter = (duration: string): string => `${Math.max(1, Math.round(milliseconds(duration) / factor))}ms`
  return stringify({
    groups: groups.map(({ interval = '1m', rules, ...group }) => ({
      ...group,
      interval: shorter(interval),
      rules: rules.map((rule) => scaleRule(rule, shorter)),
    })),
  })
}

function scaleRule(rule: Rule, shorter: (duration: string) => string): Rule {
  const { expr, for: lasting } = rule
  return {
    ...rule,
    ...(typeof expr === 'string' && { expr: scaleExpression(expr, shorter) }),
    ...(typeof lasting === 'string' && { for: shorter(lasting) }),
  }
}

/** Strings first: a bracket in one is no range. */
const scaleExpression = (expr: string, shorter: (duration: string) => string): string =>
  expr.replaceAll(
    /"(?:[^"\\]|\\.)*"|\[([\dydhmsw]+)\]|\boffset\s+([\dydhmsw]+)/g,
    (found: string, range: string | undefined, offset: string | undefined) => {
      if (range !== undefined) return `[${shorter(range)}]`
      return offset === undefined ? found : `offset ${shorter(offset)}`
    },
  )

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
}

/** Of a duration of Prometheus, like `1h5m` (its docs: "Time durations"). */
export const milliseconds = (duration: string): number =>
  [...duration.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0),
    0,
  )
