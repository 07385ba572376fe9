/** One document of a stream: its text, byte for byte, and where it begins in its file. */
export type Chunk = {
  readonly text: string
  /** The first line, counted from 1. */
  readonly line: number
}

/**
 * The documents of a stream, as kubectl finds them: JSON objects one behind the other, or YAML between its markers. Put
 * together again, the texts are the stream.
 */
export function splitStream(text: string): readonly Chunk[] {
  return numbered(/^[\uFEFF\s]*\{/.test(text) ? (splitJson(text) ?? splitYaml(text)) : splitYaml(text))
}

function numbered(texts: readonly string[]): readonly Chunk[] {
  let line = 1
  return texts.map((text) => {
    const chunk = { text, line }
    line += text.split('\n').length - 1
    return chunk
  })
}

/** At the start of a line these are always markers: YAML 1.2, 9.1.2, forbids them in every scalar. */
const marker = /(?:^|\n)(---|\.\.\.)(?=[ \t\r\n]|$)/g

function splitYaml(text: string): readonly string[] {
  const ends = [...text.matchAll(marker)].map(({ index, 0: found, 1: kind }) =>
    kind === '---' ? index + found.length - 3 : endOfLine(text, index + found.length),
  )
  const texts: string[] = []
  let from = 0
  for (const end of [...ends, text.length]) {
    // What follows a directive belongs to it.
    if (end <= from || isDirectives(text.slice(from, end))) continue
    texts.push(text.slice(from, end))
    from = end
  }
  return from < text.length ? [...texts, text.slice(from)] : texts
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end + 1
}

const isDirectives = (text: string): boolean =>
  text.length < 10_000 && /^%/m.test(text) && text.split('\n').every((line) => /^\uFEFF?([%#]|\s*$)/.test(line))

/** Undefined where it is something else after all, such as YAML in braces. */
function splitJson(text: string): readonly string[] | undefined {
  const texts: string[] = []
  let from = 0
  for (const end of endsOfObjects(text)) {
    texts.push(text.slice(from, end))
    from = end
  }
  const rest = text.slice(from)
  if (texts.length === 0 || /\S/.test(rest)) return undefined
  const last = texts.length - 1
  const whole = texts.map((one, index) => (index === last ? one + rest : one))
  return whole.every((one) => isJson(one)) ? whole : undefined
}

/** Where each outermost object is closed; strings may hold braces. */
function* endsOfObjects(text: string): Generator<number> {
  let depth = 0
  for (const { index, 0: token } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') depth += 1
    else if (token === '}') depth -= 1
    if (token === '}' && depth <= 0) yield index + 1
  }
}

/** Whether it is JSON, white space and a mark of the byte order around it included. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text.trim())
    return true
  } catch {
    return false
  }
}
