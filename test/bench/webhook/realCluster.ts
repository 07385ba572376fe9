import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { apiServer, post } from '../../e2e/support/load.ts'
import type { Found } from '../bench.ts'
import type { Place } from './place.ts'
import { CLUSTERS, measureStarts } from './sources.ts'
import { accountName, annotatedNames, type BenchCluster, NAMESPACE } from './standIn.ts'

const run = promisify(execFile)
const CLIENTS = 32

/**
 * Starts and memory with few and many ServiceAccounts in the cluster of KUBECONFIG, one number after the other, in a
 * namespace that is deleted in the end. Throws where there is none.
 */
export async function measureReal(place: Place): Promise<Found> {
  const kubeconfig = process.env['KUBECONFIG']
  if (kubeconfig === undefined) throw new Error('KUBECONFIG is not set')
  const { say, atEnd } = place.ground
  const ended = async (): Promise<unknown> => run('kubectl', ['delete', 'namespace', NAMESPACE, '--wait=false'])
  await run('kubectl', ['create', 'namespace', NAMESPACE])
  atEnd(ended)
  const permitted = 'lanyard.dev/permitted-roles=arn:aws:iam::111122223333:role/*'
  await run('kubectl', ['annotate', 'namespace', NAMESPACE, permitted])
  const found: Awaited<ReturnType<typeof measureStarts>>[] = []
  for (const { accounts, annotated } of CLUSTERS) {
    say(`${accounts} ServiceAccounts in the cluster`)
    const names = annotatedNames(accounts, annotated)
    await createAll(accounts, new Set(names), say)
    const cluster: BenchCluster = { kubeconfig, annotated: names }
    // The same cluster in the place of each: what it has now.
    found.push(
      await measureStarts(
        place,
        CLUSTERS.map(() => cluster),
      ),
    )
  }
  const [few, many] = [found[0]?.measurements ?? [], found.at(-1)?.measurements ?? []]
  const keep = ['webhook.early', 'webhook.ready.50000', 'webhook.dirty.50000']
  return {
    measurements: [
      ...few.filter(({ id }) => id === 'webhook.ready.10' || id === 'webhook.dirty.10'),
      ...many.filter(({ id }) => keep.includes(id)),
    ],
    leftOut: ['webhook: reviews, idle time and bodies are measured with a stand-in for the cluster, without --real'],
  }
}

async function createAll(accounts: number, annotated: ReadonlySet<string>, say: (what: string) => void): Promise<void> {
  const server = await apiServer()
  let next = 0
  const client = async (): Promise<void> => {
    while (next < accounts) {
      const name = accountName(next)
      next += 1
      if (next % 10_000 === 0) say(`${next} ServiceAccounts`)
      const annotations = annotated.has(name)
        ? { 'lanyard.dev/role-arn': `arn:aws:iam::111122223333:role/${name}` }
        : {}
      const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations } }
      const { status, object } = await post(
        server,
        `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
        JSON.stringify(body),
      )
      // Some are there already.
      if (status !== 201 && status !== 409) throw new Error(`${name}: ${status} ${object['message']}`)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  server.agent.destroy()
}
