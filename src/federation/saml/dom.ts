import type { ParsedXml } from './parseXml.ts'

/** The elements right below one. */
export const childrenOf = (parent: Element): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1)

export const isElement = (element: Element, namespace: string, name: string): boolean =>
  element.namespaceURI === namespace && element.localName === name

export const childrenNamed = (parent: Element, namespace: string, name: string): Element[] =>
  childrenOf(parent).filter((child) => isElement(child, namespace, name))

/** The one child of that name; undefined where there is none, or several. */
export function onlyChild(parent: Element | undefined, namespace: string, name: string): Element | undefined {
  const found = parent === undefined ? [] : childrenNamed(parent, namespace, name)
  return found.length === 1 ? found[0] : undefined
}

/** The text of an element that holds nothing else, without white space around it; undefined where it does. */
export function textOf(element: Element | undefined): string | undefined {
  if (element === undefined || childrenOf(element).length > 0) return undefined
  return Array.from(element.childNodes, ({ nodeValue }) => nodeValue ?? '')
    .join('')
    .trim()
}

/** The value of an attribute without a namespace; undefined where it is not there. */
export function attributeOf(element: Element | undefined, name: string): string | undefined {
  return element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined
}

/**
 * One element of a document as a document of its own: its very text, since signatures hang on that, with the namespaces
 * that it has from the elements around it.
 */
export function cutOut({ text, spans }: ParsedXml, element: Element): string {
  const span = spans.get(element)
  if (span === undefined) throw new Error('an element of another document')
  const declared = [...inherited(element)].map(([name, uri]) => ` ${name}="${escapeXml(uri)}"`).join('')
  return text.slice(span.start, span.nameEnd) + declared + text.slice(span.nameEnd, span.end)
}

function inherited(element: Element): Map<string, string> {
  const found = new Map<string, string>()
  const own = new Set(Array.from(element.attributes, ({ name }) => name))
  for (let above = element.parentNode; above !== null && above.nodeType === 1; above = above.parentNode) {
    for (const { name, value } of Array.from((above as Element).attributes)) {
      const isNamespace = name === 'xmlns' || name.startsWith('xmlns:')
      if (isNamespace && !own.has(name) && !found.has(name)) found.set(name, value)
    }
  }
  return found
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Any text as the content of an element or of an attribute's value. */
export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
