import { DOMParser } from '@xmldom/xmldom'
import { Failure } from '../../errors/index.ts'
import { NS } from './names.ts'
import { notXml, type Span, scanTags } from './scanTags.ts'

/** A parsed document, its text, and where each of its elements stands in it. */
export type ParsedXml = {
  readonly text: string
  readonly root: Element
  readonly spans: ReadonlyMap<Element, Span>
}

export type XmlOptions = {
  /** In UTF-16 code units. */
  readonly most: number
  /** What it is, for the message. */
  readonly what: string
}

const MOST_ATTRIBUTES = 64

/**
 * Parses XML 1.0 of a stranger, and refuses what nothing needs here and attacks live on: document types, entities,
 * processing instructions, comments, CDATA, inclusions, characters that are none, IDs that are there twice, and more than is
 * bearable of size, depth and number. Throws Failure SamlTooLarge, SamlNotText, SamlXmlForbidden, SamlTooComplex, SamlNotXml,
 * SamlDuplicateId.
 */
export function parseXml(source: string, { most, what }: XmlOptions): ParsedXml {
  if (source.length > most) {
    throw new Failure({ code: 'SamlTooLarge', message: `${what} has ${source.length} characters, more than ${most}` })
  }
  const text = withoutDeclaration(source)
  refuseCharacters(text)
  refuseMarkup(text)
  const starts = scanTags(text)
  const root = buildTree(text)
  const elements = elementsOf(root)
  // The scanner and the parser see the same elements, or what was scanned is not what was parsed.
  if (elements.length !== starts.length) throw notXml('its tags are not what they seem')
  for (const element of elements) checkElement(element)
  refuseDuplicateIds(elements)
  return { text, root, spans: new Map(elements.map((element, at) => [element, starts[at] as Span])) }
}

/** All elements in the order of the document, the root first. */
export function elementsOf(root: Element): Element[] {
  return [root, ...Array.from(root.getElementsByTagName('*'))]
}

const DECLARATION =
  /^<\?xml\s+version\s*=\s*["']1\.\d["'](?:\s+encoding\s*=\s*["']([\w.-]{1,40})["'])?[^?<>]{0,60}\?>\s*/

/** The declaration says nothing that is not known already; an encoding that is not ours would be a second reading. */
function withoutDeclaration(source: string): string {
  const text = source.replace(/^\uFEFF/, '').trim()
  const match = DECLARATION.exec(text)
  if (match === null) return text
  const [declaration, encoding = 'UTF-8'] = match
  if (!/^utf-?8$/i.test(encoding)) {
    throw new Failure({ code: 'SamlNotText', message: 'its XML declaration names another encoding than UTF-8' })
  }
  return text.slice(declaration.length)
}

/** XML 1.0, section 2.2, Char; U+FFFD stands where bytes were no UTF-8, and a lone surrogate is half a character. */
const NO_CHARACTER = /[^\P{Cc}\t\n\r]|\p{Cs}|[\uFFFD-\uFFFF]/u

function refuseCharacters(text: string): void {
  if (!NO_CHARACTER.test(text)) return
  throw new Failure({
    code: 'SamlNotText',
    message: 'it holds bytes that are no UTF-8, or characters that XML forbids',
  })
}

function forbidden(what: string): Failure {
  return new Failure({ code: 'SamlXmlForbidden', message: `it holds ${what}` })
}

const DECLARED = [
  ['<!DOCTYPE', 'a document type'],
  ['<!ENTITY', 'an entity'],
  ['<!--', 'a comment'],
  ['<![CDATA[', 'a CDATA section'],
] as const

/** In well-formed XML `<!`, `<?` and `&` stand for nothing but markup, so looking for them is enough. */
function refuseMarkup(text: string): void {
  const at = text.indexOf('<!')
  if (at !== -1) {
    const [, what = 'a declaration'] =
      DECLARED.find(([begin]) =>
        text
          .slice(at, at + 9)
          .toUpperCase()
          .startsWith(begin),
      ) ?? []
    throw forbidden(what)
  }
  if (text.includes('<?')) throw forbidden('a processing instruction')
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)/.test(text))
    throw forbidden('an entity that XML itself does not have')
}

function buildTree(text: string): Element {
  const refuse = (): never => {
    throw notXml('the parser does not understand it')
  }
  const errorHandler = { warning: refuse, error: refuse, fatalError: refuse }
  let document: Document
  try {
    document = new DOMParser({ errorHandler }).parseFromString(text, 'text/xml')
  } catch {
    throw notXml('the parser does not understand it')
  }
  const elements = Array.from(document.childNodes).filter(({ nodeType }) => nodeType === 1)
  const rest = Array.from(document.childNodes).some(
    ({ nodeType, nodeValue }) => nodeType !== 1 && nodeValue?.trim() !== '',
  )
  if (elements.length !== 1 || rest || document.documentElement === null) throw notXml('it has not exactly one root')
  return document.documentElement
}

function checkElement(element: Element): void {
  const attributes = Array.from(element.attributes)
  if (attributes.length > MOST_ATTRIBUTES) {
    throw new Failure({ code: 'SamlTooComplex', message: `an element has more than ${MOST_ATTRIBUTES} attributes` })
  }
  if (element.namespaceURI === NS.xinclude) throw forbidden('an inclusion (XInclude)')
  const unbound = [element, ...attributes].some(({ nodeName, namespaceURI }) => nodeName.includes(':') && !namespaceURI)
  if (unbound) throw notXml('a prefix stands for no namespace')
  // References to characters are resolved by now.
  for (const { nodeValue } of [...attributes, ...Array.from(element.childNodes)]) refuseCharacters(nodeValue ?? '')
}

/** However an ID is spelt: what a signature is about, it says by one. */
function refuseDuplicateIds(elements: readonly Element[]): void {
  const ids = elements.flatMap(({ attributes }) =>
    Array.from(attributes)
      .filter(({ localName }) => localName?.toLowerCase() === 'id')
      .map(({ value }) => value),
  )
  if (new Set(ids).size === ids.length) return
  throw new Failure({ code: 'SamlDuplicateId', message: 'two of its elements have the same ID' })
}
