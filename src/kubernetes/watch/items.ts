/** Why an answer cannot be read on. */
export type ItemTrouble = () => Error

export type ItemSplitter = {
  /** The next bytes of the answer, cut where they may be. Throws `trouble` where an item, or all the rest, is too long. */
  readonly push: (piece: Buffer) => void
  /** The answer, with a 0 in the place of each item. */
  readonly rest: () => string
}

type Bounds = { readonly longest: number; readonly trouble: ItemTrouble }

const [quote, backslash, list, object] = ['"', '\\', '[', '{'].map((text) => text.charCodeAt(0))
const [listEnd, objectEnd] = [']', '}'].map((text) => text.charCodeAt(0))
const itemsBegin = /"items"\s*:\s*$/

/**
 * Takes the items out of a list as it comes, so that no page of thousands of objects must be held, as text or parsed. It
 * looks for brackets and strings alone: whether the item and the rest are JSON is for who parses them.
 */
export function createItemSplitter(onItem: (bytes: Buffer) => void, { longest, trouble }: Bounds): ItemSplitter {
  const [item, rest] = [createText(longest, trouble), createText(longest, trouble)]
  let [depth, inString, isEscaped, inItems, inItem] = [0, false, false, false, false]
  /** Where in the piece that begins which is not taken yet. */
  let from = 0

  const readString = (byte: number | undefined): void => {
    if (isEscaped) isEscaped = false
    else if (byte === backslash) isEscaped = true
    else if (byte === quote) inString = false
  }
  const open = (piece: Buffer, at: number): void => {
    depth += 1
    if (depth === 2 && piece[at] === list) {
      rest.add(piece.subarray(from, at))
      from = at
      inItems = itemsBegin.test(rest.tail())
    }
    if (depth !== 3 || !inItems || piece[at] !== object) return
    rest.add(piece.subarray(from, at))
    from = at
    inItem = true
  }
  const close = (piece: Buffer, at: number): void => {
    depth -= 1
    if (depth === 1) inItems = false
    if (depth !== 2 || !inItem) return
    item.add(piece.subarray(from, at + 1))
    from = at + 1
    inItem = false
    rest.add(placeholder)
    onItem(item.take())
  }
  const read = (piece: Buffer, at: number): void => {
    const byte = piece[at]
    if (inString) readString(byte)
    else if (byte === quote) inString = true
    else if (byte === object || byte === list) open(piece, at)
    else if (byte === objectEnd || byte === listEnd) close(piece, at)
  }
  return {
    push: (piece) => {
      from = 0
      for (let at = 0; at < piece.length; at += 1) read(piece, at)
      const left = inItem ? item : rest
      left.add(piece.subarray(from))
    },
    rest: () => rest.take().toString('utf8'),
  }
}

const placeholder = Buffer.from('0')
const empty = Buffer.alloc(0)
/** Enough for the key before a list. */
const tailLength = 32

function createText(longest: number, trouble: ItemTrouble) {
  let held: Buffer[] = []
  let size = 0
  let tail = ''
  return {
    add: (piece: Buffer): void => {
      size += piece.length
      if (size > longest) throw trouble()
      held.push(piece)
      tail = (tail + piece.subarray(-tailLength).toString('latin1')).slice(-tailLength)
    },
    tail: (): string => tail,
    take: (): Buffer => {
      const [first = empty, ...others] = held
      held = []
      size = 0
      return others.length === 0 ? first : Buffer.concat([first, ...others])
    },
  }
}
