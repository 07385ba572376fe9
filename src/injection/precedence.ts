import { type PodKey, podSettings } from '../settings/index.ts'
import { keysIn, type Said, type Source, saidIn, saysItself } from './sources.ts'

/** What counts for a key, and who says it. */
export type Heeded = Said & { readonly source: Source }

const ROLES = ['roleArn', 'containerRoles'] as const
/** By these, in Lanyard's own words, an object says whether there is injection. */
export const DECISIVE = ['inject', ...ROLES] as const

/**
 * Who is heeded for which key; `sources` are most specific first. Keys count one by one, but for those of the role
 * statement: who says a role says all of it, and nobody less specific adds a container, a role of one, or a chain. `inject`
 * counts only from whoever first says whether there is injection at all, be it by a role.
 */
export function heedSources(sources: readonly Source[]): ReadonlyMap<PodKey, Heeded> {
  const says = (source: Source, keys: readonly PodKey[]): boolean =>
    keys.some((key) => saidIn(source, key) !== undefined)
  const decisive = sources.findIndex((source) => DECISIVE.some((key) => saysItself(source, key)))
  // Before that one only an alias can say a role; it does not decide, but is more specific.
  const roles = sources.findIndex((source) => says(source, ROLES))
  const upToRoles = roles < 0 ? sources : sources.slice(0, roles + 1)
  const candidates = (key: PodKey, isStatement: boolean): readonly Source[] => {
    if (key === 'inject') return only(sources[decisive])
    if (ROLES.some((role) => role === key)) return only(sources[roles])
    return isStatement ? upToRoles : sources
  }
  const heeded = new Map<PodKey, Heeded>()
  for (const key of new Set(sources.flatMap(keysIn))) {
    const setting = podSettings[key]
    const found = 'on' in setting ? undefined : firstToSay(key, candidates(key, 'statement' in setting))
    if (found !== undefined) heeded.set(key, found)
  }
  return heeded
}

const only = (source: Source | undefined): readonly Source[] => (source === undefined ? [] : [source])

function firstToSay(key: PodKey, sources: readonly Source[]): Heeded | undefined {
  for (const source of sources) {
    const said = saidIn(source, key)
    if (said !== undefined) return { ...said, source }
  }
  return undefined
}
