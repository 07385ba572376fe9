import { Failure } from '../src/errors/index.ts'
import { OLDEST_NODE } from '../src/version.ts'

/** Before a command loads what would say it less clearly. Throws Failure NodeTooOld. */
export function needNode(running: string): void {
  const [major = 0, minor = 0] = running.split('.').map(Number)
  const [least = 0, leastMinor = 0] = OLDEST_NODE.split('.').map(Number)
  if (major > least || (major === least && minor >= leastMinor)) return
  throw new Failure({
    code: 'NodeTooOld',
    message: `Node.js ${OLDEST_NODE} or later is needed, and this is ${running}`,
  })
}
