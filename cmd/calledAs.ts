import { basename } from 'node:path'
import process from 'node:process'

/** How whoever called us calls us: kubectl runs a program of that name for `kubectl lanyard`. */
export const calledAs = (path = process.argv[1] ?? ''): 'kubectl lanyard' | 'lanyard' =>
  basename(path) === 'kubectl-lanyard' ? 'kubectl lanyard' : 'lanyard'

/** A help text as it is for whoever called: usage and examples stand two columns in. */
export const asCalled = (help: string, program = calledAs()): string =>
  help.replaceAll(/^ {2}lanyard /gm, `  ${program} `)
