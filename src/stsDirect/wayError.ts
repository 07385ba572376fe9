/** Something on the way to a server, by its code: those of Node, where it has one for it. */
export class WayError extends Error {
  override readonly name = 'WayError'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}
