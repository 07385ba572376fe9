import type { LastSeen, Said } from './sessions.ts'

/** By session. */
export type PodMemory = ReadonlyMap<string, LastSeen>

/** What one round hands to the next, by the uid of the pod. */
export type Memory = ReadonlyMap<string, PodMemory>

export const nothingSeen: Memory = new Map()

/** The counters alone do not say when: but what has grown since the last round was the last. */
export function remember(said: Said, last: LastSeen | undefined): LastSeen {
  const { failures, refreshed } = said
  if (last === undefined) return { failures, refreshed, code: undefined }
  const wasRenewed = refreshed !== last.refreshed
  const grown = Object.entries(failures)
    .map(([code, count]) => [code, count - (last.failures[code] ?? 0)] as const)
    .filter(([, growth]) => growth > 0)
    .sort(([, a], [, b]) => b - a)
  // Where both happened, it was the success that ended the attempts.
  return { failures, refreshed, code: wasRenewed ? undefined : (grown[0]?.[0] ?? last.code) }
}
