import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../check/run.ts'
import { type Built, buildBundles } from './bundles.ts'

/** Builds all that is published into `folder`: JavaScript and types of cmd and src, and the bundles. Throws with the compiler's own words. */
export async function buildAll(root: string, folder: string): Promise<readonly Built[]> {
  rmSync(folder, { recursive: true, force: true })
  const { code, output } = await run(root, 'tsc', [
    '--pretty',
    'false',
    '-p',
    'tsconfig.build.json',
    '--outDir',
    folder,
  ])
  if (code !== 0) throw new Error(`tsc does not build the package:\n${output}`)
  chmodSync(join(folder, 'cmd', 'lanyard.js'), 0o755)
  return buildBundles(root, join(folder, 'bundles'))
}
