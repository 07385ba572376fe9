/**
 * A JSON object in which no name stands twice (RFC 7519, section 4: who reads the first and who reads the last would not read
 * the same token); undefined for anything else.
 */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && !hasNameTwice(text) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Strings (those before a colon are names) and what opens and closes; the text has been parsed already. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g

function hasNameTwice(json: string): boolean {
  const open: Set<string>[] = []
  for (const [token, colon] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    if (colon === undefined) continue
    const name = String(JSON.parse(token.slice(0, -colon.length)))
    const names = open.at(-1)
    if (names?.has(name)) return true
    names?.add(name)
  }
  return false
}
