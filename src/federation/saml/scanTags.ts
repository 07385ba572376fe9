import { Failure } from '../../errors/index.ts'

/** Where one element stands in the text, from its `<` to behind the `>` of its end tag. */
export type Span = { readonly start: number; readonly nameEnd: number; end: number }

type Limits = { readonly depth: number; readonly elements: number }

/** Far above what any response has; a parser's and a canonicaliser's time and stack hang on them. */
const LIMITS: Limits = { depth: 40, elements: 3_000 }

/**
 * The spans of all elements in the order of the document. The text has no comment, CDATA or other `<!`, and no processing
 * instruction. Linear in the text, and before anything is built of it. Throws Failure SamlNotXml, SamlTooComplex.
 */
export function scanTags(text: string, limits: Limits = LIMITS): readonly Span[] {
  const spans: Span[] = []
  const open: Span[] = []
  for (let at = text.indexOf('<'); at !== -1; ) {
    const close = endOfTag(text, at)
    if (text[at + 1] === '/') endElement(open, close)
    else {
      const span: Span = { start: at, nameEnd: endOfName(text, at + 1), end: close }
      spans.push(span)
      if (text[close - 2] !== '/') open.push(span)
      checkLimits(open.length, spans.length, limits)
    }
    at = text.indexOf('<', close)
  }
  if (open.length > 0 || spans.length === 0) throw notXml('an element has no end')
  return spans
}

function checkLimits(depth: number, elements: number, limits: Limits): void {
  if (depth > limits.depth) throw tooComplex(`elements nested ${limits.depth} deep`)
  if (elements > limits.elements) throw tooComplex(`${limits.elements} elements`)
}

function endElement(open: Span[], close: number): void {
  const span = open.pop()
  if (span === undefined) throw notXml('an end tag closes nothing')
  span.end = close
}

const NAME = /[^\s/>]+/y

function endOfName(text: string, from: number): number {
  NAME.lastIndex = from
  const [name] = NAME.exec(text) ?? []
  if (name === undefined) throw notXml('a "<" begins no tag')
  return from + name.length
}

const DELIMITER = /[<>"']/g

/** Behind the `>` that ends the tag: one in a quoted value does not. */
function endOfTag(text: string, from: number): number {
  DELIMITER.lastIndex = from + 1
  for (let found = DELIMITER.exec(text); found !== null; found = DELIMITER.exec(text)) {
    const [delimiter] = found
    if (delimiter === '>') return DELIMITER.lastIndex
    if (delimiter === '<') break
    const end = text.indexOf(delimiter, DELIMITER.lastIndex)
    if (end === -1) break
    DELIMITER.lastIndex = end + 1
  }
  throw notXml('a tag has no end')
}

/** What the parser says of it quotes the text, so only our own words are shown. */
export const notXml = (problem: string): Failure =>
  new Failure({ code: 'SamlNotXml', message: `it is no well-formed XML: ${problem}` })

const tooComplex = (what: string): Failure =>
  new Failure({ code: 'SamlTooComplex', message: `it has more than ${what}` })
