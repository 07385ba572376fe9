/**
 * The part of the DOM (WHATWG DOM; Namespaces in XML) that @xmldom/xmldom has and we use. Its own declarations bring in all
 * of a browser's, whose names would then be known everywhere.
 */
interface Node {
  readonly nodeType: number
  readonly nodeName: string
  nodeValue: string | null
  textContent: string | null
  readonly parentNode: Node | null
  readonly childNodes: NodeList
  readonly firstChild: Node | null
  readonly nextSibling: Node | null
  readonly ownerDocument: Document | null
  readonly localName: string | null
  readonly namespaceURI: string | null
  readonly prefix: string | null
  appendChild<T extends Node>(child: T): T
  removeChild<T extends Node>(child: T): T
  replaceChild<T extends Node>(child: Node, old: T): T
  insertBefore<T extends Node>(child: T, before: Node | null): T
  cloneNode(deep?: boolean): Node
  lookupNamespaceURI(prefix: string | null): string | null
}

interface NodeList extends ArrayLike<Node> {
  item(index: number): Node | null
}

interface Attr extends Node {
  readonly name: string
  readonly localName: string
  value: string
}

interface Element extends Node {
  readonly tagName: string
  readonly localName: string
  readonly attributes: ArrayLike<Attr>
  getAttribute(name: string): string | null
  getAttributeNS(namespace: string | null, name: string): string | null
  getAttributeNode(name: string): Attr | null
  hasAttribute(name: string): boolean
  hasAttributeNS(namespace: string | null, name: string): boolean
  setAttribute(name: string, value: string): void
  setAttributeNS(namespace: string | null, name: string, value: string): void
  removeAttribute(name: string): void
  getElementsByTagName(name: string): ArrayLike<Element>
  getElementsByTagNameNS(namespace: string, name: string): ArrayLike<Element>
}

interface Document extends Node {
  readonly documentElement: Element
  readonly doctype: Node | null
  createElement(name: string): Element
  createElementNS(namespace: string | null, name: string): Element
  createTextNode(text: string): Node
  createComment(text: string): Node
  getElementsByTagName(name: string): ArrayLike<Element>
  getElementsByTagNameNS(namespace: string, name: string): ArrayLike<Element>
  importNode<T extends Node>(node: T, deep?: boolean): T
}
