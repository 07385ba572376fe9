import type { Finding } from '../types.ts'

const MOST = 5

/** Of what many pods have in common some are named, and the rest counted. */
export function grouped(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = [finding.verdict, finding.code, finding.message].join(' ')
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  const order = ['fail', 'warn', 'skip', 'ok']
  return [...groups.values()]
    .map(([first, ...others]) => merged(first as Finding, others))
    .toSorted((one, other) => order.indexOf(one.verdict) - order.indexOf(other.verdict))
}

function merged(first: Finding, others: readonly Finding[]): Finding {
  if (others.length === 0) return first
  const subjects = [first, ...others].map(({ subject }) => subject ?? '')
  const named = subjects.slice(0, MOST).join(', ')
  const rest = subjects.length - MOST
  const fixes = new Set([first, ...others].map(({ fix }) => fix))
  const { fix, ...head } = first
  return {
    ...head,
    subject: rest > 0 ? `${named} and ${rest} more` : named,
    // Each pod has its own: the first is an example.
    ...(fix !== undefined && { fix: fixes.size === 1 ? fix : `For the first: ${fix}` }),
  }
}
