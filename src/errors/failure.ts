import type { Retry } from './codes/entry.ts'
import { type Code, describe } from './codes.ts'

/** One thing that is wrong: the code, where it is (annotation, setting, field path), what exactly, and what to change. */
export type Problem = {
  readonly code: Code
  readonly field?: string
  readonly message: string
  /** Only where it is more precise than the table's. */
  readonly fix?: string
}

/** `Code: field: message. Fix` on one line; no full stop behind an example that is to be copied. */
export function formatProblem(problem: Problem): string {
  const where = problem.field === undefined ? '' : `${problem.field}: `
  return `${problem.code}: ${where}${sentence(problem.message)} ${fixOf(problem)}`
}

/** What to change: the problem's own advice, else the table's. */
export const fixOf = (problem: Problem): string => problem.fix ?? describe(problem.code).fix

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** A failure with a code. Whoever retries asks `retry`, not a list of its own. Its message never holds a secret. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: Code
  /** Every problem there is, where there are several. */
  readonly problems: readonly Problem[]

  constructor(first: Problem, ...others: readonly Problem[]) {
    super([first, ...others].map(formatProblem).join('\n'))
    this.code = first.code
    this.problems = [first, ...others]
  }

  get retry(): Retry {
    return describe(this.code).retry ?? 'backoff'
  }
}

/** Throws one Failure that carries all problems; does nothing when there is none. */
export function failOn(problems: readonly Problem[]): void {
  const [first, ...others] = problems
  if (first !== undefined) throw new Failure(first, ...others)
}

/**
 * Turns whatever was thrown into a Failure; what is not one becomes `Internal` by its class and place in the code alone,
 * since its text may hold anything.
 */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown
  if (!(thrown instanceof Error)) return new Failure({ code: 'Internal', message: `unexpected ${typeof thrown}` })
  const kind = /^\w{1,40}$/.test(thrown.name) ? thrown.name : 'error'
  const place = placeOf(thrown)
  return new Failure({ code: 'Internal', message: `unexpected ${kind}${place === undefined ? '' : ` at ${place}`}` })
}

/** `FILE:LINE` of the innermost frame; looked for behind the error's text, which may hold anything. */
function placeOf({ stack = '', message }: Error): string | undefined {
  const frames = stack.slice(stack.indexOf(message) + message.length)
  return /^\s+at .*?([\w.-]{1,60}\.[cm]?[jt]s:\d{1,7})/m.exec(frames)?.[1]
}
