import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import type { AtEnd } from '../../support/processes.ts'

/** A cluster for a webhook: how to get there, and whose pods have a role. */
export type BenchCluster = {
  readonly kubeconfig: string
  readonly annotated: readonly string[]
}
type StandIn = {
  readonly folder: string
  readonly name: string
  readonly accounts: number
  readonly annotated: number
  readonly atEnd: AtEnd
}

/** Says which roles it permits, so it is held; the other one says nothing, so it is asked for. */
export const NAMESPACE = 'lanyard-bench'
export const SILENT_NAMESPACE = 'lanyard-bench-silent'
/** Every so many-th is annotated. */
export const accountName = (number: number): string => `account-${number}`
export const annotatedNames = (accounts: number, annotated: number): readonly string[] =>
  Array.from({ length: annotated }, (_, index) => accountName(index * Math.floor(accounts / annotated)))

/** Of two processors the second, as the load: the first is the webhook's. */
const CPU = '1'
const pinned = (): object =>
  spawnSync('taskset', ['-c', CPU, 'true']).status === 0
    ? { execPath: 'taskset', execArgv: ['-c', CPU, process.execPath] }
    : {}

/** An API server for one webhook, in a process of its own. */
export async function startStandIn({ folder, name, accounts, annotated, atEnd }: StandIn): Promise<BenchCluster> {
  const authority = await createCertificateAuthority({ name, now: Date.now })
  const pair = await authority.issue(['127.0.0.1'])
  const program = fileURLToPath(new URL('standInMain.ts', import.meta.url))
  const child: ChildProcess = fork(program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...pinned() })
  atEnd(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  child.send({ pair, accounts, annotated })
  const [port] = (await once(child, 'message')) as [number]
  const kubeconfig = join(folder, `${name}.kubeconfig`)
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(port, authority.pem)))
  return { kubeconfig, annotated: annotatedNames(accounts, annotated) }
}

const kubeconfigOf = (port: number, ca: string): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      name: 'bench',
      cluster: {
        server: `https://127.0.0.1:${port}`,
        'certificate-authority-data': Buffer.from(ca).toString('base64'),
      },
    },
  ],
  users: [{ name: 'bench', user: { token: 'bench' } }],
  contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  'current-context': 'bench',
})
