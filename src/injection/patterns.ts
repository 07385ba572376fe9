/**
 * Whether a name matches a pattern in which `*` stands for any run of characters but the separators; anchored at both ends.
 */
export function matches(name: string, pattern: string, separators = '/'): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return name === pattern
  const last = rest.pop() ?? ''
  if (!name.startsWith(first)) return false
  let at = first.length
  const crosses = (to: number): boolean => {
    for (let index = at; index < to; index += 1) if (separators.includes(name.charAt(index))) return true
    return false
  }
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0 || crosses(found)) return false
    at = found + part.length
  }
  const end = name.length - last.length
  return end >= at && name.endsWith(last) && !crosses(end)
}

export const matchesAny = (name: string, patterns: readonly string[] | undefined): boolean =>
  patterns?.some((pattern) => matches(name, pattern)) ?? false
