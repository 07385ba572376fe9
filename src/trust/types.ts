import type { Code } from '../errors/index.ts'

/** What the policy should let in, as far as it is known; what is not given is not judged. */
export type Expected = {
  readonly roleArn?: string
  /** With https://, as it is in the tokens. */
  readonly issuer?: string
  /** `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject?: string
  readonly audience?: string
}

/** One hole or one mistake. */
export type TrustFinding = {
  readonly verdict: 'warn' | 'fail'
  readonly code: Code
  /** Where it is: `Statement[0].Condition.StringLike`. */
  readonly where: string
  readonly message: string
  /** Who gets in by it, and how; absent where the mistake keeps out. */
  readonly attack?: string
  /** What to change, where the code's own advice does not fit. */
  readonly fix?: string
  /** Of the one who should get in and does not: what that place of the policy asks for instead. */
  readonly wants?: readonly string[]
}
