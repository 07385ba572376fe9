/** An element: its name, and text or children. */
export type XmlElement = readonly [name: string, content: string | readonly XmlElement[]]

/** The namespace of STS's only API version. */
const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/'

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
}

/** What XML 1.0 cannot hold in any form, not even as a reference (section 2.2): those become U+FFFD. */
function isForbidden(codePoint: number): boolean {
  if (codePoint < 0x20) return codePoint !== 0x9 && codePoint !== 0xa && codePoint !== 0xd
  return (codePoint >= 0xd800 && codePoint <= 0xdfff) || codePoint === 0xfffe || codePoint === 0xffff
}

/** Makes any string safe as the text of an element. */
export function escapeXml(text: string): string {
  return Array.from(text, (character) =>
    isForbidden(character.codePointAt(0) ?? 0) ? '\uFFFD' : (entities[character] ?? character),
  ).join('')
}

function renderElement([name, content]: XmlElement, indent: string, attributes: string): string {
  if (typeof content === 'string') return `${indent}<${name}${attributes}>${escapeXml(content)}</${name}>\n`
  const children = content.map((child) => renderElement(child, `${indent}  `, '')).join('')
  return `${indent}<${name}${attributes}>\n${children}${indent}</${name}>\n`
}

/**
 * Renders a document, indented by two and without a declaration, as STS writes it.
 * @param namespace STS's by default; empty for none.
 */
export function renderXml(root: XmlElement, namespace: string = stsNamespace): string {
  return renderElement(root, '', namespace === '' ? '' : ` xmlns="${namespace}"`)
}

/** A copy in which the text of every element named `name` is `text`; without `text` those elements are gone. */
export function replaceElement(root: XmlElement, name: string, text: string | undefined): XmlElement {
  const [rootName, content] = root
  if (typeof content === 'string') return root
  const children = content.flatMap((child): XmlElement[] => {
    if (child[0] !== name) return [replaceElement(child, name, text)]
    return text === undefined ? [] : [[name, text]]
  })
  return [rootName, children]
}
