import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { apiServer, post } from '../e2e/support/load.ts'
import { accountName, annotatedNames, type BenchCluster, NAMESPACE } from './standIn.ts'

const run = promisify(execFile)
const CLIENTS = 32

type Fill = { readonly accounts: number; readonly annotated: number }

/** The cluster of KUBECONFIG with so many ServiceAccounts, in a namespace that is deleted in the end. */
export async function fillCluster({ accounts, annotated }: Fill): Promise<BenchCluster> {
  const kubeconfig = process.env['KUBECONFIG']
  if (kubeconfig === undefined) throw new Error('KUBECONFIG is not set')
  await run('kubectl', ['create', 'namespace', NAMESPACE])
  const stop = async (): Promise<void> =>
    void (await run('kubectl', ['delete', 'namespace', NAMESPACE, '--wait=false']))
  const names = annotatedNames(accounts, annotated)
  try {
    await createAll(accounts, new Set(names))
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return { kubeconfig, annotated: names, stop }
}

async function createAll(accounts: number, annotated: ReadonlySet<string>): Promise<void> {
  const server = await apiServer()
  let next = 0
  const client = async (): Promise<void> => {
    while (next < accounts) {
      const name = accountName(next)
      next += 1
      if (next % 5_000 === 0) process.stderr.write(`bench: ${next} ServiceAccounts\n`)
      const annotations = annotated.has(name)
        ? { 'lanyard.dev/role-arn': `arn:aws:iam::111122223333:role/${name}` }
        : {}
      const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, annotations } }
      const { status, object } = await post(
        server,
        `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
        JSON.stringify(body),
      )
      if (status !== 201) throw new Error(`${name}: ${status} ${object['message']}`)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  server.agent.destroy()
}
