import process from 'node:process'
import { describe, Failure } from '../../src/errors/index.ts'
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

/**
 * What is wrong with an issuer, with exit code 1 where AWS could not reach it: what is printed would be in vain. Throws Failure
 * IssuerInvalid for what is none.
 */
export function judgeIssuer(issuer: string): boolean {
  const findings = issuerFindings(issuer)
  const invalid = findings.find(({ code }) => code === 'IssuerInvalid')
  // A cluster may say anything: what is no issuer at all goes into no command.
  if (invalid !== undefined)
    throw new Failure({ code: 'IssuerInvalid', field: printable(issuer, LONGEST), message: invalid.message })
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
