import { spawn } from 'node:child_process'
import type { KubeObject } from './kubectl.ts'
import { conditionOf } from './kubectl.ts'

export type Seen = { readonly at: number; readonly pod: KubeObject }
export type Observer = { readonly seen: readonly Seen[]; stop(): void }

/** Every version of a pod that the API server tells of, with the instant at which it did. */
export function observePod(name: string, namespace: string): Observer {
  const child = spawn('kubectl', [
    'get',
    'pod',
    name,
    '-n',
    namespace,
    '--watch',
    '-o',
    'json',
    '--output-watch-events',
  ])
  const seen: Seen[] = []
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) seen.push({ at: Date.now(), pod: JSON.parse(line).object })
  })
  return { seen, stop: () => void child.kill() }
}

/** How long the pod was not Ready, in milliseconds, after it was so for the first time. */
export function notReadyFor({ seen }: Observer): number {
  let total = 0
  let since: number | undefined
  let wasReady = false
  for (const { at, pod } of seen) {
    const ready = conditionOf(pod, 'Ready') === 'True'
    if (!ready && wasReady) since ??= at
    if (ready && since !== undefined) {
      total += at - since
      since = undefined
    }
    wasReady ||= ready
  }
  return since === undefined ? total : Number.POSITIVE_INFINITY
}
