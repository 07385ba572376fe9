/** `npm run e2e`: Lanyard on a real cluster, from the image to the uninstallation. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { SUITES } from './suites.ts'
import { openCluster } from './support/cluster.ts'
import { collect } from './support/diagnostics.ts'
import { buildImages } from './support/images.ts'
import { say } from './support/progress.ts'
import { tell } from './support/settings.ts'
import { run, start } from './support/shell.ts'
import { deployDoubles } from './support/sts.ts'

const help = `Lanyard on a real cluster: builds the image, installs the chart, and tries what operators and pods do.

Usage:
  npm run e2e -- [--only NAME]... [--keep]

Flags:
  --only NAME   Run this suite alone (${SUITES.join(', ')}).
  --keep        Leave the cluster and what is in it, for a look.

Without more it makes a cluster by kind (KIND_NODE_IMAGE and KIND_CONFIG are handed to it where set). With KUBECONFIG
and E2E_LOAD_IMAGE='COMMAND {}', which loads the docker image {} into the cluster, it uses that cluster.
Needs docker, kubectl, helm, git, and kind for a cluster of its own. The suite "values" takes two projects' definitions
from Go's module proxy by go, or from the folder E2E_CRDS; HELM4 names a Helm 4 for the suite "upgrade".
E2E_VARIANT=slim takes that variant of the image. Lanyard must not be installed there. What failed leaves logs, events
and pods in e2e-artifacts/.
Exit codes: 0 all passed, 1 something failed, 2 called wrongly.
`

async function missingTools(): Promise<readonly string[]> {
  const { E2E_LOAD_IMAGE: load, E2E_CRDS: definitions } = process.env
  const needed = [
    ...['docker', 'kubectl', 'helm', 'git'],
    ...(load === undefined ? ['kind'] : []),
    ...(definitions === undefined ? ['go'] : []),
  ]
  const found = await Promise.all(
    needed.map((tool) => run('sh', ['-c', `command -v ${tool}`]).then(({ code }) => code === 0)),
  )
  return needed.filter((_, index) => !found[index])
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string', multiple: true }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const suites = values.only ?? SUITES
  const unknown = suites.filter((name) => !SUITES.includes(name))
  if (unknown.length > 0)
    throw new UsageError(`there is no suite ${unknown.join(', ')}; there are ${SUITES.join(', ')}`)
  const missing = await missingTools()
  if (missing.length > 0) throw new UsageError(`not on the PATH: ${missing.join(', ')}`)
  return runSuites(suites, values.keep === true)
}

async function runSuites(suites: readonly string[], keep: boolean): Promise<number> {
  const root = process.cwd()
  const artifacts = join(root, 'e2e-artifacts')
  rmSync(artifacts, { recursive: true, force: true })
  mkdirSync(artifacts)
  process.env['E2E_BEGAN'] = String(Date.now())
  // Vitest gets it too, and ends; what is cleaned up then is for this process.
  process.on('SIGINT', () => {})
  const cluster = await openCluster()
  try {
    const built = await buildImages(cluster, root)
    try {
      const { images, charts } = built
      Object.assign(process.env, tell({ images, charts, artifacts, load: cluster.load }))
      process.env['KUBECONFIG'] = cluster.kubeconfig
      await deployDoubles(images).catch(async (thrown: unknown) => {
        await collect('doubles')
        throw thrown
      })
      return await runTests(suites)
    } finally {
      built.cleanUp()
    }
  } finally {
    if (keep) say(`the cluster stays: export KUBECONFIG=${cluster.kubeconfig}`)
    else await cluster.cleanUp()
  }
}

function runTests(suites: readonly string[]): Promise<number> {
  const files = suites.map((name) => `test/e2e/${name}.test.ts`)
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/e2e/vitest.config.ts', ...files]
  const child = start(process.execPath, vitest)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

class UsageError extends Error {}

try {
  process.exitCode = await main()
} catch (thrown) {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`e2e: ${message}\n`)
  const isUsage = thrown instanceof UsageError || (thrown instanceof TypeError && 'code' in thrown)
  process.exitCode = isUsage ? 2 : 1
}
