type FailureOptions = { status?: number; type?: 'Sender' | 'Receiver' }

/** An answer of STS that is not a success, with the status, the code and the words that AWS uses. */
export class StsFailure extends Error {
  override readonly name = 'StsFailure'
  readonly code: string
  readonly status: number
  readonly type: 'Sender' | 'Receiver'

  constructor(code: string, message: string, options: FailureOptions = {}) {
    super(message)
    this.code = code
    this.status = options.status ?? 400
    this.type = options.type ?? 'Sender'
  }
}
