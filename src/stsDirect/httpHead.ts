export type HttpHead = {
  readonly status: number
  /** Names in lower case; the values of a repeated one are joined (RFC 9110, section 5.3). */
  readonly headers: ReadonlyMap<string, string>
}

const MOST_OF_HEAD = 16_384
const HEAD_END = '\r\n\r\n'

/** With what came behind it, which is the body's. */
type Read = { readonly head: HttpHead; readonly rest: Buffer }

/** Reads on to the head of the final answer, past interim ones (RFC 9110, section 15.2); nothing for what is none. */
export function headReader(): (bytes: Buffer) => Read | 'more' | undefined {
  let rest: Buffer = Buffer.alloc(0)
  let spent = 0
  const next = (): HttpHead | 'more' | undefined => {
    const at = rest.indexOf(HEAD_END)
    if (spent + (at < 0 ? rest.length : at) > MOST_OF_HEAD) return undefined
    if (at < 0) return 'more'
    const text = rest.toString('latin1', 0, at)
    rest = rest.subarray(at + HEAD_END.length)
    spent += at + HEAD_END.length
    return parseHead(text)
  }
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    let head = next()
    while (typeof head === 'object' && head.status < 200) head = next()
    return typeof head === 'object' ? { head, rest } : head
  }
}

const statusLine = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t -~\x80-\xff]*)?$/
/** RFC 9110, sections 5.1 and 5.5. */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const fieldValue = /^[\t -~\x80-\xff]*$/

function parseHead(text: string): HttpHead | undefined {
  const [first = '', ...lines] = text.split('\r\n')
  const status = statusLine.exec(first)?.[1]
  if (status === undefined) return undefined
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1)]
    if (colon < 0 || !fieldName.test(name) || !fieldValue.test(value)) return undefined
    const before = headers.get(name)
    headers.set(name, before === undefined ? value.trim() : `${before}, ${value.trim()}`)
  }
  return { status: Number(status), headers }
}
