/** The product's image by docker, as the Dockerfile makes it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { basesIn } from '../../../scripts/release/bases.ts'
import { must, run } from '../../e2e/support/shell.ts'

/** Whether a docker daemon answers. */
export async function hasDocker(): Promise<boolean> {
  const { code } = await run('sh', ['-c', 'command -v docker && docker version'], { timeout: 10_000 })
  return code === 0
}

/** Builds a target of the Dockerfile; quick where nothing has changed. */
export async function buildTarget(target: string, tag: string): Promise<void> {
  const base = ['--build-arg', `NODE_IMAGE=${builder()}`]
  await must('docker', ['build', '-q', '-t', tag, '--target', target, ...base, process.cwd()], { timeout: 900_000 })
}

const builder = (): string => process.env['E2E_NODE_IMAGE'] ?? baseOf('NODE_IMAGE')

function baseOf(argument: 'NODE_IMAGE' | 'RUNTIME_IMAGE'): string {
  const base = basesIn(readFileSync('Dockerfile', 'utf8')).get(argument)
  if (base === undefined) throw new Error(`the Dockerfile has no ${argument}`)
  return base
}

/** The authorities that the Node of the builder knows: it is whichever its base has, and need not be the one that runs this. */
export async function builderAuthorities(): Promise<readonly string[]> {
  const program = "process.stdout.write(JSON.stringify(require('node:tls').rootCertificates))"
  return JSON.parse(await must('docker', ['run', '--rm', '--network', 'none', builder(), 'node', '-e', program]))
}

type Saved = readonly { readonly Layers: readonly string[] }[]

/**
 * `tar`'s listings of the layers that an image has over the base which the Dockerfile names, the lowest first. Throws
 * where docker does not have the base, or the image is not on top of it. `folder` is empty, and filled.
 */
export async function listLayers(image: string, folder: string): Promise<readonly string[]> {
  const base = baseOf('RUNTIME_IMAGE')
  const [below, all] = [await layersOf(base), await layersOf(image)]
  if (below.length === 0 || !below.every((digest, index) => all[index] === digest))
    throw new Error(`${image} is not made of ${base}`)
  await must('sh', ['-c', 'docker save "$1" | tar -x -C "$2"', 'sh', image, folder])
  const [saved] = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Saved
  const files = (saved?.Layers ?? []).slice(below.length)
  return Promise.all(files.map((file) => must('tar', ['--numeric-owner', '-tvf', join(folder, file)])))
}

async function layersOf(image: string): Promise<readonly string[]> {
  return JSON.parse(await must('docker', ['image', 'inspect', '-f', '{{json .RootFS.Layers}}', image]))
}
