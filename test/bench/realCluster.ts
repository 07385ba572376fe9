import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { apiServer, post } from '../e2e/support/load.ts'
import { accountName, annotatedNames, NAMESPACE } from './standIn.ts'

const run = promisify(execFile)
const CLIENTS = 32

type RealCluster = {
  readonly kubeconfig: string
  /** Sees to it that there are so many ServiceAccounts, and gives the names of the annotated. */
  readonly fill: (accounts: number, annotated: number) => Promise<readonly string[]>
  readonly stop: () => Promise<void>
}

/** The cluster of KUBECONFIG, with a namespace for it all that is deleted in the end. */
export async function openRealCluster(): Promise<RealCluster> {
  const kubeconfig = process.env['KUBECONFIG']
  if (kubeconfig === undefined) throw new Error('KUBECONFIG is not set')
  await run('kubectl', ['create', 'namespace', NAMESPACE])
  return {
    kubeconfig,
    fill: async (accounts, annotated) => {
      const names = annotatedNames(accounts, annotated)
      await createAll(accounts, new Set(names))
      return names
    },
    stop: async () => void (await run('kubectl', ['delete', 'namespace', NAMESPACE, '--wait=false'])),
  }
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
      // Some are there already.
      if (status !== 201 && status !== 409) throw new Error(`${name}: ${status} ${object['message']}`)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  server.agent.destroy()
}
