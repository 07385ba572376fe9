/** Why a stream cannot be read on. */
export type LineTrouble = (what: 'too long' | 'cut off') => Error

/**
 * The lines of a stream that comes in pieces, cut where they may be; each is at most `longest` bytes long.
 * @throws what `trouble` makes of a line that is longer, or that the stream's end cuts off.
 */
export async function* splitLines(
  pieces: AsyncIterable<Buffer>,
  longest: number,
  trouble: LineTrouble,
): AsyncGenerator<string> {
  let held: Buffer[] = []
  let size = 0
  for await (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      if (size + end - from > longest) throw trouble('too long')
      yield Buffer.concat([...held, piece.subarray(from, end)]).toString('utf8')
      from = end + 1
      held = []
      size = 0
    }
    held.push(piece.subarray(from))
    size += piece.length - from
    if (size > longest) throw trouble('too long')
  }
  if (size > 0) throw trouble('cut off')
}
