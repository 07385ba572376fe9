/** An element of a document: either text or other elements are in it. */
export type Element = {
  readonly name: string
  readonly text: string
  readonly children: readonly Element[]
}

type Open = { readonly name: string; text: string; readonly children: Element[] }

/** STS nests four deep. */
const MOST_DEPTH = 8

/** XML 1.0, section 2.2: no control characters, no halves of a pair. */
const isText = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

/** A tag without an angle bracket in its attributes, or the text up to the next one. */
const piece = /<(\/?)([A-Za-z_][\w:.-]*)((?:\s[^<>]*?)?)(\/?)>|[^<]+/gy

/**
 * Reads the XML that servers of STS send, and nothing more of it: elements and text; attributes are passed over. Nothing
 * for what is not well formed, nor for comments, CDATA, document types and further declarations, which no STS sends.
 */
export function readXml(document: string): Element | undefined {
  if (!isText.test(document)) return undefined
  const top: Open = { name: '', text: '', children: [] }
  const open = [top]
  let length = 0
  for (const found of document.matchAll(piece)) {
    if (!take(found, open)) return undefined
    length += found[0].length
  }
  const [root, ...others] = top.children
  const isWhole = length === document.length && open.length === 1 && others.length === 0 && top.text.trim() === ''
  return isWhole ? root : undefined
}

/** False for what has no place there. */
function take([whole, slash, name, attributes, empty]: RegExpExecArray, open: Open[]): boolean {
  const inner = open.at(-1)
  if (inner === undefined) return false
  if (name === undefined) {
    const text = decode(whole)
    inner.text += text ?? ''
    return text !== undefined
  }
  if (slash === '/') return attributes === '' && empty === '' && inner.name === name && close(open)
  open.push({ name, text: '', children: [] })
  return open.length <= MOST_DEPTH && (empty === '' || close(open))
}

/** False for text between elements. */
function close(open: Open[]): boolean {
  const done = open.pop()
  if (done === undefined) return false
  open.at(-1)?.children.push(done)
  return done.children.length === 0 || done.text.trim() === ''
}

const named: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

/** XML 1.0, section 4.1; nothing for an ampersand that is no reference of XML's own. */
function decode(text: string): string | undefined {
  let isSound = true
  const replace = (_: string, name?: string, decimal?: string, hex?: string): string => {
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    const sign = named.get(name ?? '') ?? (point <= 0x10ffff ? String.fromCodePoint(point) : '')
    isSound &&= sign !== '' && isText.test(sign)
    return sign
  }
  const decoded = text.replace(/&(?:([a-z]{1,5});|#(\d{1,7});|#x([\dA-Fa-f]{1,6});)?/g, replace)
  return isSound ? decoded : undefined
}

/** The one of that name; nothing where there is none, or more. */
export function childOf(element: Element | undefined, name: string): Element | undefined {
  const found = element?.children.filter((child) => child.name === name) ?? []
  return found.length === 1 ? found[0] : undefined
}
