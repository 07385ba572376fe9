/** The body of one request, of a length that is known. */
export class IncomingBody {
  /** Resolves with the body, or with nothing where the peer is gone before its end. */
  readonly whole: Promise<Buffer | undefined>
  readonly #resolve: (body: Buffer | undefined) => void
  readonly #parts: Buffer[] = []
  #wanted: number

  constructor(bytes: number) {
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>()
    this.whole = promise
    this.#resolve = resolve
    this.#wanted = bytes
  }

  /** What follows its end; nothing where it is not here yet. */
  take(bytes: Buffer): Buffer | undefined {
    const part = bytes.subarray(0, this.#wanted)
    this.#parts.push(part)
    this.#wanted -= part.length
    if (this.#wanted > 0) return undefined
    this.#resolve(Buffer.concat(this.#parts))
    return bytes.subarray(part.length)
  }

  giveUp(): void {
    this.#resolve(undefined)
  }
}
