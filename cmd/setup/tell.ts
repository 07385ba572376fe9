import process from 'node:process'
import { describe } from '../../src/errors/index.ts'
import { type IssuerFinding, issuerFindings } from '../../src/issuer/index.ts'
import { wrap } from '../../src/terminal/help.ts'
import { printable } from '../../src/terminal/printable.ts'
import { styleFor } from '../../src/terminal/style.ts'
import { EXIT } from '../run.ts'

const LONGEST = 600

/** What is for the reader, and not for what reads on. */
export function note(text: string): void {
  process.stderr.write(`${wrap(printable(text, LONGEST), 0)}\n`)
}

/** What is wrong with an issuer, with exit code 1 where AWS could not take it: what is printed would be in vain. */
export function judgeIssuer(issuer: string): boolean {
  const findings = issuerFindings(issuer)
  tellFindings(findings)
  const isRefused = findings.some(({ verdict }) => verdict === 'fail')
  if (isRefused) process.exitCode = EXIT.failed
  return !isRefused
}

/** Each with what to change. */
export function tellFindings(findings: readonly IssuerFinding[]): void {
  const style = styleFor(process.stderr)
  for (const { verdict, code, message } of findings) {
    const word = verdict === 'fail' ? style.red('FAIL') : style.bold('warn')
    const lines = [wrap(printable(`${message}.`, LONGEST), 6), style.bold(wrap(`→ ${describe(code).fix}`, 6))]
    process.stderr.write(`${word}  ${code}\n${lines.join('\n')}\n`)
  }
}
