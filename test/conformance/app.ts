import type { Pod } from './pod.ts'
import { startProcess, within } from './process.ts'
import { ROLE } from './world.ts'

/** What came of one signed call. */
export type Outcome = { readonly arn: string } | { readonly error: string }

/** A process with a client of AWS in it. */
export type App = {
  call(): Promise<Outcome>
  end(): Promise<void>
}

/** No client gives up later by itself. */
const LONGEST_CALL = 90_000

export function startApp(command: readonly string[], pod: Pod, more: Readonly<Record<string, string>>): App {
  const child = startProcess({ command, env: { ...pod.appEnv, ...more }, cwd: pod.folder })
  let lost: Outcome | undefined
  const call = async (): Promise<Outcome> => {
    child.write('call')
    const line = await within(LONGEST_CALL, [child.line().then((text) => text ?? '')])
    if (line === undefined) return { error: `no answer within ${LONGEST_CALL / 1_000} s` }
    return line === '' ? { error: `the process ended: ${child.stderr().trim().slice(-500)}` } : read(line)
  }
  return {
    call: async () => {
      if (lost !== undefined) return lost
      const outcome = await call()
      // What it says later would be taken for the answer to another call.
      if ('error' in outcome && outcome.error.startsWith('no answer within')) lost = outcome
      return outcome
    },
    end: () => child.kill(),
  }
}

function read(line: string): Outcome {
  try {
    const said = JSON.parse(line) as { readonly arn?: string; readonly error?: string }
    if (said.arn === undefined) return { error: said.error ?? line }
    // It is no success if it was somebody else.
    return said.arn.includes(`:assumed-role/${ROLE.name}/`) ? { arn: said.arn } : { error: `it is ${said.arn}` }
  } catch {
    return { error: `no JSON: ${line}` }
  }
}
