import { DOMParser } from '@xmldom/xmldom'

/** What no message of SAML needs, and attacks do: a document type, with which entities come, and instructions. */
const forbidden = /<!(?!--|\[CDATA\[)|<\?(?!xml\s)/
const mostElements = 5_000
const deepest = 60

/** Whether what a parser builds stays small. */
function isBounded(root: Element): boolean {
  let count = 0
  const walk = (element: Element, depth: number): boolean => {
    count += 1
    return count <= mostElements && depth <= deepest && childrenOf(element).every((child) => walk(child, depth + 1))
  }
  return walk(root, 1)
}

/** The elements directly below one. */
export function childrenOf(parent: Element | Document): Element[] {
  return Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1)
}

/** Those of a name, by namespace and local name. */
export function childrenNamed(parent: Element, namespace: string, name: string): Element[] {
  return childrenOf(parent).filter((child) => child.namespaceURI === namespace && child.localName === name)
}

/** An element and everything below it. */
export function allElements(root: Element): Element[] {
  return [root, ...childrenOf(root).flatMap(allElements)]
}

/** An attribute, or undefined where there is none: not the empty text. */
export function attributeOf(element: Element, name: string): string | undefined {
  return element.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined
}

function parse(text: string): Element | undefined {
  let isBroken = false
  const refuse = (): void => {
    isBroken = true
  }
  const errorHandler = { warning: refuse, error: refuse, fatalError: refuse }
  try {
    const root = new DOMParser({ errorHandler }).parseFromString(text, 'text/xml').documentElement
    return isBroken || root === null || !isBounded(root) ? undefined : root
  } catch {
    return undefined
  }
}

/** The root element of a document without a document type, or undefined for what is no such document. */
export function parseXml(text: string): Element | undefined {
  if (forbidden.test(text) || text.lastIndexOf('<?xml') > 0 || text.includes('\0')) return undefined
  return parse(text)
}
