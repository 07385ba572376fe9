/** The body of one request, of a length that is known. */
export class IncomingBody {
  /** Resolves with the body, or with nothing where the peer is gone before its end. */
  readonly whole: Promise<Buffer | undefined>
  readonly #resolve: (body: Buffer | undefined) => void
  readonly #body: Buffer
  #filled = 0

  constructor(bytes: number) {
    const { promise, resolve } = Promise.withResolvers<Buffer | undefined>()
    this.whole = promise
    this.#resolve = resolve
    this.#body = Buffer.allocUnsafe(bytes)
  }

  /** What follows its end; nothing where it is not here yet. */
  take(bytes: Buffer): Buffer | undefined {
    const taken = bytes.copy(this.#body, this.#filled)
    this.#filled += taken
    if (this.#filled < this.#body.length) return undefined
    this.#resolve(this.#body)
    return bytes.subarray(taken)
  }

  giveUp(): void {
    this.#resolve(undefined)
  }
}
