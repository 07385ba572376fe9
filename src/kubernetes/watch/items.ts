/** Why an answer cannot be read on. */
export type ItemTrouble = () => Error

export type ItemSplitter = {
  /** The next bytes of the answer, cut where they may be. Throws `trouble` where an item, or all the rest, is too long. */
  readonly push: (piece: Buffer) => void
  /** The answer, with a 0 in the place of each item. */
  readonly rest: () => string
}

type Bounds = { readonly longest: number; readonly trouble: ItemTrouble }

/** `"`, `\`, `[`, `{`, `]`, `}`. */
const [QUOTE, BACKSLASH, LIST, OBJECT, LIST_END, OBJECT_END] = [34, 92, 91, 123, 93, 125] as const
const itemsBegin = /"items"\s*:\s*$/

/**
 * Takes the items out of a list as it comes, so that no page of thousands of objects must be held, as text or parsed. It
 * looks for brackets and strings alone: whether the item and the rest are JSON is for who parses them.
 */
export function createItemSplitter(onItem: (bytes: Buffer) => void, { longest, trouble }: Bounds): ItemSplitter {
  const [item, rest] = [createText(longest, trouble), createText(longest, trouble)]
  let [depth, inString, isEscaped, inItems, inItem] = [0, false, false, false, false]
  let from = 0 // Where in the piece that begins which is not taken yet.

  const open = (piece: Buffer, at: number): void => {
    depth += 1
    if (depth === 2 && piece[at] === LIST) {
      rest.add(piece.subarray(from, at))
      from = at
      inItems = itemsBegin.test(rest.tail())
    }
    if (depth !== 3 || !inItems || piece[at] !== OBJECT) return
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
  const leaveString = (piece: Buffer, begin: number): number => {
    const end = endOfString(piece, isEscaped ? begin + 1 : begin)
    // It may end between a backslash and what it escapes.
    ;[inString, isEscaped] = [end >= piece.length, end > piece.length]
    return end + 1
  }
  const readMark = (piece: Buffer, at: number): number => {
    const byte = piece[at]
    if (byte === QUOTE) inString = true
    else if (byte === OBJECT || byte === LIST) open(piece, at)
    else if (byte !== undefined) close(piece, at)
    return at + 1
  }
  return {
    push: (piece) => {
      from = 0
      let at = 0
      while (at < piece.length) at = inString ? leaveString(piece, at) : readMark(piece, nextMark(piece, at))
      if (inItem) item.add(piece.subarray(from))
      else rest.add(piece.subarray(from))
    },
    rest: () => rest.take().toString('utf8'),
  }
}

const isMark = new Uint8Array(256)
for (const byte of [QUOTE, LIST, OBJECT, LIST_END, OBJECT_END]) isMark[byte] = 1

/** Where the next quote or bracket is, or the end. These two loops see every byte of a list of all there is. */
function nextMark(piece: Buffer, from: number): number {
  let at = from
  while (at < piece.length && isMark[piece[at] ?? 0] === 0) at += 1
  return at
}

/** Where the quote is that ends a string; the end, or one more behind a backslash, where there is none. */
function endOfString(piece: Buffer, from: number): number {
  let at = from
  while (at < piece.length && piece[at] !== QUOTE) at += piece[at] === BACKSLASH ? 2 : 1
  return at
}

const placeholder = Buffer.from('0')
const empty = Buffer.alloc(0)
/** Enough for the key before a list. */
const tailLength = 32

function createText(longest: number, trouble: ItemTrouble) {
  let held: Buffer[] = []
  let size = 0
  return {
    add: (piece: Buffer): void => {
      size += piece.length
      if (size > longest) throw trouble()
      if (piece.length > 0) held.push(piece)
    },
    tail: (): string => {
      let tail = ''
      for (let at = held.length - 1; at >= 0 && tail.length < tailLength; at -= 1)
        tail = (held[at] ?? empty).subarray(-tailLength).toString('latin1') + tail
      return tail
    },
    take: (): Buffer => {
      const [first = empty, ...others] = held
      held = []
      size = 0
      return others.length === 0 ? first : Buffer.concat([first, ...others])
    },
  }
}
