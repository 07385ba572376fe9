import { type JsonObject, parseObject as parseAny } from '../../json/index.ts'

/**
 * A JSON object in which no name stands twice (RFC 7519, section 4: who reads the first and who reads the last would not read
 * the same token); undefined for anything else.
 */
export function parseObject(text: string): JsonObject | undefined {
  const object = parseAny(text)
  return object !== undefined && !hasNameTwice(text) ? object : undefined
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
