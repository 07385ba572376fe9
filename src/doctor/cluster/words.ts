/** Our own codes in what our programs and the API server say. */
import { type Code, codes, describe, type Problem } from '../../errors/index.ts'
import { printable, redact } from '../../federation/redact.ts'

const isCode = (text: string): text is Code => Object.hasOwn(codes, text)

/** Of a refusal of a pod that has thousands of mistakes the first are enough. */
const MOST_PROBLEMS = 20
const LONGEST = 600

/**
 * The problems in a text that one of our programs wrote, a line each: `Code: where: what. What to change`, behind whatever
 * stands before. Empty where there is none.
 */
export function problemsIn(text: string): readonly Problem[] {
  return text.slice(0, 32_768).split(SEPARATOR).flatMap(problemIn).slice(0, MOST_PROBLEMS)
}

/** The policy that injects without a webhook has one line for all. */
const SEPARATOR = /\n|; (?=[A-Z][A-Za-z]{3,40}: )/
const HEAD = /(?:^|[\s(])([A-Z][A-Za-z]{3,40}): /g

function problemIn(line: string): readonly Problem[] {
  for (const { index, 0: head, 1: code = '' } of line.matchAll(HEAD))
    if (isCode(code)) return [toProblem(code, line.slice(index + head.length))]
  return []
}

/** Without the table's own advice at the end, which whoever shows the problem adds again. */
export function toProblem(code: Code, words: string): Problem {
  const { fix } = describe(code)
  const text = words.trim()
  const message = text.endsWith(fix) ? text.slice(0, -fix.length).trim() : text
  return { code, message: redact(message.replace(/\.$/, ''), [], LONGEST) }
}

/** Whatever the API server says, on one line. */
export const quoted = (text: string): string => printable(redact(text, [], LONGEST), LONGEST)
