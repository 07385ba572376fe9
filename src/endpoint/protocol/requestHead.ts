import type { EndpointRequest, HeaderValues } from './types.ts'

/** Bytes of a request line with its header section; clients of ours send a few hundred. */
export const MOST_HEAD = 8_192
export const HEAD_END = '\r\n\r\n'
const MOST_FIELDS = 100

/** Which method a path answers is its table's to say; but of CONNECT nothing comes back than a tunnel (RFC 9110, section 9.3.6). */
const requestLine = /^(?!CONNECT )([A-Z-]{1,20}) ([!-~]+) HTTP\/(1\.[01])$/
/** Each a token, a colon right behind it, and no control character in the value but a tab (RFC 9110, section 5). */
const fieldLines = /^(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*)*$/

/**
 * Reads what stands before the empty line of a request (RFC 9112, sections 3 and 5), as latin1 text. Nothing for what is
 * not one to the letter: no bare line feed, no folded line, no space before a colon, no name without its characters; what
 * parsers read differently, smuggling lives on.
 */
export function readHead(text: string): EndpointRequest | undefined {
  const end = text.indexOf('\r\n')
  const [, method, target, version] = requestLine.exec(end < 0 ? text : text.slice(0, end)) ?? []
  if (method === undefined || target === undefined || version === undefined) return undefined
  const headers = end < 0 ? new Map<string, string[]>() : readFields(text.slice(end))
  return headers === undefined ? undefined : { method, target, version, headers }
}

/** Every repetition is kept: what merges them, or takes the first, is what smuggling lives on too. */
function readFields(text: string): HeaderValues | undefined {
  if (!fieldLines.test(text)) return undefined
  const fields = new Map<string, string[]>()
  let count = 0
  for (let at = 2; at < text.length; count += 1) {
    const end = text.indexOf('\r\n', at)
    const line = text.slice(at, end < 0 ? text.length : end)
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const values = fields.get(name)
    if (values === undefined) fields.set(name, [withoutBlanks(line, colon + 1)])
    else values.push(withoutBlanks(line, colon + 1))
    at += line.length + 2
  }
  return count > MOST_FIELDS ? undefined : fields
}

/** From there on, without spaces and tabs at both ends; `trim` takes characters that belong to the value. */
function withoutBlanks(line: string, from: number): string {
  let [start, end] = [from, line.length]
  while (start < end && isBlank(line.charCodeAt(start))) start += 1
  while (end > start && isBlank(line.charCodeAt(end - 1))) end -= 1
  return line.slice(start, end)
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

/** What no head has: a control character, or a line that ends in anything but CR LF. */
const fault = /[^\t\r\n -~\x80-\xff]|(?:^|[^\r])\n/

/** Whether the rest may still make a head of these first bytes. Who speaks something else need not wait to be told so. */
export const mayBecomeHead = (text: string): boolean => /^[A-Z]/.test(text) && !fault.test(text)

/** Whether the connection ends with the answer, by the client's wish (RFC 9112, section 9.3). */
export const isLast = ({ version, headers }: EndpointRequest): boolean =>
  version === '1.0' || (headers.get('connection') ?? []).some((value) => /(?:^|[\s,])close(?:$|[\s,])/i.test(value))

/** Whether something follows that is no request: left where it is, it would be taken for the next one. */
export const hasBody = (headers: HeaderValues): boolean =>
  headers.has('transfer-encoding') || (headers.get('content-length') ?? []).some((length) => length !== '0')
