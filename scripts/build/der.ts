/** One element of DER: its tag of one byte, and what is in it. */
export type Element = { readonly tag: number; readonly content: Uint8Array }

/** The elements that stand behind one another there (X.690). Throws where one is cut off. */
export function elementsOf(bytes: Uint8Array = new Uint8Array()): readonly Element[] {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const { length, begin } = lengthAt(bytes, at + 1)
    if (begin + length > bytes.length) throw new Error('DER that is cut off')
    elements.push({ tag: bytes[at] ?? 0, content: bytes.subarray(begin, begin + length) })
    at = begin + length
  }
  return elements
}

/** Where what follows begins, and how long it is. */
function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly begin: number } {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { length: first, begin: at + 1 }
  const begin = at + 1 + (first & 0x7f)
  return { length: bytes.subarray(at + 1, begin).reduce((sum, byte) => sum * 256 + byte, 0), begin }
}
