import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../check/run.ts'
import { must } from './buildkit.ts'

/** The bases that a Dockerfile names in its arguments, by argument. */
export function basesIn(dockerfile: string): ReadonlyMap<string, string> {
  return new Map(
    [...dockerfile.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)].map(([, name = '', image = '']) => [name, image]),
  )
}

type Index = { readonly manifests: readonly { readonly digest: string }[] }

/**
 * Copies the bases out of docker, which pulls what it has not, into layouts of OCI: BuildKit takes them from there by their
 * digest. Needs skopeo. Answers each base's folder's digest by the base's name.
 */
export async function layOutBases(root: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const bases = [...basesIn(readFileSync(join(root, 'Dockerfile'), 'utf8')).values()]
  const digests: [string, string][] = []
  for (const image of bases) {
    const { code } = await run(root, 'docker', ['image', 'inspect', image])
    if (code !== 0) await must(root, 'docker', 'pull', '--quiet', image)
    await must(root, 'skopeo', 'copy', '--quiet', `docker-daemon:${image}`, `oci:${folder}:${digests.length}`)
    const index: Index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'))
    const last = index.manifests.at(-1)
    if (last === undefined || index.manifests.length !== digests.length + 1) throw new Error(`skopeo lost ${image}`)
    digests.push([image, last.digest])
  }
  return Object.fromEntries(digests)
}
