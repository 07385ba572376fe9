import { onTestFinished } from 'vitest'
import { type SourceResource, sourceLookup } from '../../../src/kubernetes/index.ts'
import type { ApiServer } from './apiServer.ts'
import { startWorld } from './support.ts'
import { counter, watchLog } from './watching.ts'

export const role = 'lanyard.dev/role-arn'
export const accountsPath = '/api/v1/serviceaccounts'
export const namespacesPath = '/api/v1/namespaces'
export const namespacePath = (name: string): string => `${namespacesPath}/${name}`
export const accountPath = (namespace: string, name: string): string =>
  `${namespacePath(namespace)}/serviceaccounts/${name}`

/** A lookup of what the API server has, with all that it told, until the test ends. */
export async function startSources(prepare: (server: ApiServer) => void = () => {}) {
  const world = await startWorld({ deadlines: [1_000, 3_000, 5_000] })
  prepare(world.server)
  const syncs: Record<SourceResource, ReturnType<typeof counter>> = {
    serviceaccounts: counter(),
    namespaces: counter(),
  }
  const instants: [SourceResource, number][] = []
  const { log, both, end } = watchLog(world)
  const sources = sourceLookup(world.cluster, {
    log: both,
    onSync: (resource, unixSeconds) => {
      instants.push([resource, unixSeconds])
      syncs[resource].hit()
    },
  })
  onTestFinished(async () => {
    await sources.stop()
    end()
  })
  const { server } = world
  /** Of the requests for single objects, their paths. */
  const gets = (): readonly string[] => server.seen.flatMap(({ url }) => (url.includes('?') ? [] : [url]))
  /** A bookmark comes, and the client has it. */
  const bookmark = async (resource: SourceResource): Promise<void> => {
    const next = syncs[resource].reached(syncs[resource].count() + 1)
    server.watch(`/api/v1/${resource}`).bookmark(server.version())
    await next
  }
  return { ...world, ...sources, instants, log, syncs, gets, bookmark }
}

export type Sources = Awaited<ReturnType<typeof startSources>>

/** The same, when all is listed and watched. */
export async function sourcing(prepare?: (server: ApiServer) => void) {
  const all = await startSources(prepare)
  await all.ready()
  const lists = all.server.seen.filter(({ url }) => !url.includes('watch=true')).length
  await all.server.asked(lists + 2)
  await Promise.all([all.bookmark('serviceaccounts'), all.bookmark('namespaces')])
  return all
}
