import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Cluster, loadImage } from './cluster.ts'
import { idpContext } from './idpImage.ts'
import { say } from './progress.ts'
import type { Charts, Images } from './settings.ts'
import { must, run } from './shell.ts'

const NAMES: Images = {
  product: 'lanyard:e2e',
  previous: 'lanyard:e2e-previous',
  testbed: 'lanyard-testbed:e2e',
  client: 'lanyard-client:e2e',
  prometheus: 'lanyard-prometheus:e2e',
  idp: 'lanyard-idp:e2e',
}

export type Built = { readonly images: Images; readonly charts: Charts; readonly cleanUp: () => void }

/** Builds every image that the suite needs, of this working tree and of the commit before it, and loads them. */
export async function buildImages(cluster: Cluster, root: string): Promise<Built> {
  const previous = await previousTree(root)
  await build(NAMES.product, root, '--target', process.env['E2E_VARIANT'] ?? 'product')
  await build(NAMES.testbed, root, '--target', 'testbed')
  await build(NAMES.client, join(root, 'test/e2e/images'), '-f', join(root, 'test/e2e/images/client.Dockerfile'))
  await build(
    NAMES.prometheus,
    join(root, 'test/e2e/images'),
    '-f',
    join(root, 'test/e2e/images/prometheus.Dockerfile'),
  )
  const idp = await idpContext(root)
  await build(NAMES.idp, idp.folder, '-f', idp.dockerfile).finally(idp.remove)
  if (previous.folder === root) await must('docker', ['tag', NAMES.product, NAMES.previous])
  else await build(NAMES.previous, previous.folder)
  for (const image of Object.values(NAMES)) await loadImage(cluster, image)
  say(`images loaded; the product is ${await sizeOf(NAMES.product)}`)
  const charts = { current: join(root, 'charts/lanyard'), previous: join(previous.folder, 'charts/lanyard') }
  return { images: NAMES, charts, cleanUp: previous.cleanUp }
}

async function build(image: string, folder: string, ...args: readonly string[]): Promise<void> {
  say(`building ${image}`)
  const { E2E_NODE_IMAGE: node } = process.env
  const base = node === undefined ? [] : ['--build-arg', `NODE_IMAGE=${node}`]
  await must('docker', ['build', '-q', '-t', image, ...base, ...args, folder], { timeout: 900_000 })
}

async function sizeOf(image: string): Promise<string> {
  const bytes = Number(await must('docker', ['image', 'inspect', '-f', '{{.Size}}', image]))
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

type Tree = { readonly folder: string; readonly cleanUp: () => void }

/** The newest commit before this one that has a chart and an image, laid out; this tree itself where there is none. */
async function previousTree(root: string): Promise<Tree> {
  const { code, stdout } = await run('git', ['rev-list', '--max-count=50', 'HEAD~1'], { cwd: root })
  const commits = code === 0 ? stdout.trim().split('\n') : []
  for (const commit of commits) {
    const has = await run('git', ['cat-file', '-e', `${commit}:charts/lanyard/Chart.yaml`], { cwd: root })
    const hasImage = await run('git', ['cat-file', '-e', `${commit}:Dockerfile`], { cwd: root })
    if (has.code === 0 && hasImage.code === 0) return layOut(root, commit)
  }
  say('no earlier commit has a chart: the upgrade is from this one to itself')
  return { folder: root, cleanUp: () => {} }
}

async function layOut(root: string, commit: string): Promise<Tree> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-previous-'))
  await must('sh', ['-c', `git archive ${commit} | tar -x -C '${folder}'`], { cwd: root })
  if (!existsSync(join(folder, 'charts/lanyard/Chart.yaml'))) throw new Error(`${commit} could not be laid out`)
  say(`the upgrade is from commit ${commit.slice(0, 9)}`)
  return { folder, cleanUp: () => rmSync(folder, { recursive: true, force: true }) }
}
