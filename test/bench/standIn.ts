import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createCertificateAuthority } from '../../src/testbed/index.ts'

/** A cluster for a webhook: how to get there, and whose pods have a role. */
export type BenchCluster = {
  readonly kubeconfig: string
  readonly annotated: readonly string[]
  readonly stop: () => Promise<void>
}
type StandIn = { readonly folder: string; readonly name: string; readonly accounts: number; readonly annotated: number }

export const NAMESPACE = 'lanyard-bench'
/** Every so many-th is annotated. */
export const accountName = (number: number): string => `account-${number}`
export const annotatedNames = (accounts: number, annotated: number): readonly string[] =>
  Array.from({ length: annotated }, (_, index) => accountName(index * Math.floor(accounts / annotated)))

/** An API server for one webhook, in a process of its own. */
export async function startStandIn({ folder, name, accounts, annotated }: StandIn): Promise<BenchCluster> {
  const authority = await createCertificateAuthority({ name, now: Date.now })
  const pair = await authority.issue(['127.0.0.1'])
  const program = fileURLToPath(new URL('standInMain.ts', import.meta.url))
  const child: ChildProcess = fork(program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.send({ pair, accounts, annotated })
  const [port] = (await once(child, 'message')) as [number]
  const kubeconfig = join(folder, `${name}.kubeconfig`)
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(port, authority.pem)))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { kubeconfig, annotated: annotatedNames(accounts, annotated), stop }
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
