/** Who said no. */
export type Refuser = 'app' | 'provider' | 'broker' | 'S3'

/** Something that a user is told on a page of its own. Its texts are for people, and hold nothing secret. */
export class Refusal extends Error {
  readonly by: Refuser
  readonly code: string
  /** Of HTTP. */
  readonly status: number
  /** Seconds. */
  readonly retryAfter: number | undefined
  /** What whoever refused says of it, for the one who is asked for help. */
  readonly detail: string | undefined

  constructor(by: Refuser, code: string, status: number, more: { detail?: string; retryAfter?: number } = {}) {
    super(`${by} refuses: ${code}`)
    this.by = by
    this.code = code
    this.status = status
    this.detail = more.detail
    this.retryAfter = more.retryAfter
  }
}
