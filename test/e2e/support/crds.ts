/** The definitions of what the Prometheus operator and cert-manager watch, so that the API server judges such objects. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { kubectl, tryKubectl } from './kubectl.ts'
import { run } from './shell.ts'

/** Both projects publish their definitions with their Go module; with E2E_CRDS they are taken from that folder instead. */
const MODULES = [
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    folder: 'example/prometheus-operator-crd',
    files: /_(pod|service)monitors|_prometheusrules/,
  },
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    folder: 'deploy/crds',
    files: /^cert-manager\.io_(certificates|issuers|clusterissuers)/,
  },
]

async function findFiles(): Promise<readonly string[]> {
  const { E2E_CRDS: folder } = process.env
  if (folder !== undefined) return readdirSync(folder).map((name) => join(folder, name))
  const found = await Promise.all(
    MODULES.map(async ({ module, folder: inner, files }) => {
      const { code, stdout, stderr } = await run('go', ['mod', 'download', '-json', module], {
        cwd: '/',
        timeout: 300_000,
      })
      if (code !== 0) throw new Error(`${module} cannot be had, and E2E_CRDS is not set: ${stderr}`)
      const where = join(JSON.parse(stdout).Dir, inner)
      return readdirSync(where)
        .filter((name) => files.test(name))
        .map((name) => join(where, name))
    }),
  )
  return found.flat().filter((path) => existsSync(path))
}

/** Applies the definitions; answers what takes away those that were not there before. */
export async function withDefinitions(): Promise<() => Promise<void>> {
  const files = await findFiles()
  const before = await kubectl(['get', 'crds', '-o', 'name'])
  // Server-side: the annotation of a client-side apply could not hold them.
  await kubectl(['apply', '--server-side', '--force-conflicts', ...files.flatMap((file) => ['-f', file])])
  const after = await kubectl(['get', 'crds', '-o', 'name'])
  const made = after.split('\n').filter((name) => name !== '' && !before.includes(name))
  await kubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=60s',
    ...(made.length > 0 ? made : ['crds', '--all']),
  ])
  return async () => void (made.length > 0 && (await tryKubectl(['delete', ...made])))
}
