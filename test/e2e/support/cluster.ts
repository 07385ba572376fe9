import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { kubectl, tryKubectl, waitFor } from './kubectl.ts'
import { say } from './progress.ts'
import { DOUBLES, NAMESPACE, RELEASE } from './settings.ts'
import { must, run } from './shell.ts'

export type Cluster = {
  readonly kubeconfig: string
  /** The command that puts the docker image {} where the cluster's pods find it. */
  readonly load: string
  /** Takes away what the suite has made. */
  readonly cleanUp: () => Promise<void>
}

export const loadImage = (cluster: Cluster, image: string): Promise<string> =>
  must('sh', ['-c', cluster.load.replaceAll('{}', image)], { timeout: 300_000 })

/** The cluster that KUBECONFIG names, with the command to load images into it; else one of our own, made by kind. */
export async function openCluster(): Promise<Cluster> {
  const { KUBECONFIG: kubeconfig, E2E_LOAD_IMAGE: load } = process.env
  if (load !== undefined) {
    if (kubeconfig === undefined) throw new Error('E2E_LOAD_IMAGE is set, but KUBECONFIG is not')
    say(
      `cluster: the one of KUBECONFIG, ${(await kubectl(['version', '-o', 'json'])).match(/"gitVersion": "([^"]+)"/g)?.at(-1)}`,
    )
    if (!load.includes('{}'))
      throw new Error("E2E_LOAD_IMAGE has no {}, which stands for the image: 'kind load docker-image {}'")
    await refuseOthers()
    return { kubeconfig, load, cleanUp: dropNamespaces }
  }
  return createKind()
}

/** What is installed there is somebody's, and would be gone afterwards. */
async function refuseOthers(): Promise<void> {
  const { code } = await tryKubectl(['get', 'namespace', NAMESPACE])
  if (code === 0) throw new Error(`the namespace ${NAMESPACE} is there already: the suite would change what is in it`)
}

async function dropNamespaces(): Promise<void> {
  await run('helm', ['uninstall', RELEASE, '-n', NAMESPACE])
  await tryKubectl(['delete', 'namespace', NAMESPACE, DOUBLES, '--ignore-not-found', '--timeout=120s'])
}

const NAME = 'lanyard-e2e'

async function createKind(): Promise<Cluster> {
  const kubeconfig = join(mkdtempSync(join(tmpdir(), 'lanyard-e2e-')), 'kubeconfig')
  const { KIND_NODE_IMAGE: image, KIND_CONFIG: config } = process.env
  // What a run that was killed has left.
  await run('kind', ['delete', 'cluster', '--name', NAME])
  const options = [
    ...(image === undefined ? [] : ['--image', image]),
    ...(config === undefined ? [] : ['--config', config]),
  ]
  say(`cluster: kind, ${image ?? "kind's own node image"}`)
  const create = ['create', 'cluster', '--name', NAME, '--kubeconfig', kubeconfig, '--wait', '120s', ...options]
  await must('kind', create, { timeout: 600_000 })
  process.env['KUBECONFIG'] = kubeconfig
  await settled()
  return {
    kubeconfig,
    load: `kind load docker-image --name ${NAME} {}`,
    cleanUp: async () => void (await run('kind', ['delete', 'cluster', '--name', NAME, '--kubeconfig', kubeconfig])),
  }
}

/** kind returns before DNS runs and before the default service account exists. */
async function settled(): Promise<void> {
  await kubectl(['-n', 'kube-system', 'rollout', 'status', 'deploy/coredns', 'ds/kube-proxy', '--timeout=120s'], {
    timeout: 180_000,
  })
  await waitFor('the default service account', async () =>
    kubectl(['get', 'serviceaccount', 'default', '-n', 'default']),
  )
}
