/** What is told of every piece of a body; it may throw. */
export type Keep = (piece: Buffer) => void

/** The body of an answer as it comes. */
export type HttpBody = {
  /** Whether it is whole; nothing where what came is none. */
  readonly take: (bytes: Buffer) => boolean | undefined
  /** Whether it is whole where no more comes. */
  readonly end: () => boolean
}

/** Of so many bytes (RFC 9112, section 6.2). */
export function sizedBody(length: number, keep: Keep): HttpBody {
  let left = length
  const take = (bytes: Buffer): boolean => {
    const piece = bytes.subarray(0, left)
    left -= piece.length
    keep(piece)
    return left === 0
  }
  return { take, end: () => left === 0 }
}

/** As long as the connection lasts (RFC 9112, section 6.3, rule 8). */
export function endlessBody(keep: Keep): HttpBody {
  const take = (bytes: Buffer): boolean => {
    keep(bytes)
    return false
  }
  return { take, end: () => true }
}

const chunkHead = /^([0-9A-Fa-f]{1,6})(?:[\t ]*;[\t -~]*)?$/
/** Bytes of the chunks' heads and of the trailers, in all. */
const MOST_OF_LINES = 65_536

/** In chunks (RFC 9112, section 7.1); what their heads and the trailers say beyond a size is passed over. */
export function chunkedBody(keep: Keep): HttpBody {
  let rest: Buffer = Buffer.alloc(0)
  let expected: Expected = 'head'
  /** Of the chunk in hand. */
  let left = 0
  let spent = 0

  const takeData = (): boolean => {
    const piece = rest.subarray(0, left)
    keep(piece)
    rest = rest.subarray(piece.length)
    left -= piece.length
    if (left === 0) expected = 'end'
    return left === 0
  }
  const takeLine = (): boolean | undefined => {
    const at = rest.indexOf('\r\n')
    if (spent + (at < 0 ? rest.length : at) > MOST_OF_LINES) return undefined
    if (at < 0) return false
    const line = rest.toString('latin1', 0, at)
    spent += at + 2
    rest = rest.subarray(at + 2)
    const next = followed(expected, line)
    if (next === undefined) return undefined
    expected = next
    if (next === 'data') left = Number.parseInt(line, 16)
    return true
  }
  const take = (bytes: Buffer): boolean | undefined => {
    rest = Buffer.concat([rest, bytes])
    let goesOn: boolean | undefined = true
    while (goesOn && expected !== 'nothing') goesOn = expected === 'data' ? takeData() : takeLine()
    return goesOn === undefined ? undefined : expected === 'nothing'
  }
  return { take, end: () => false }
}

/** What comes next: a chunk's head, its data, the line end behind it, a trailer, or nothing at all. */
type Expected = 'head' | 'data' | 'end' | 'trailer' | 'nothing'

function followed(expected: Expected, line: string): Expected | undefined {
  if (expected === 'end') return line === '' ? 'head' : undefined
  if (expected === 'trailer') return line === '' ? 'nothing' : 'trailer'
  const size = chunkHead.exec(line)?.[1]
  if (size === undefined) return undefined
  return Number.parseInt(size, 16) === 0 ? 'trailer' : 'data'
}
