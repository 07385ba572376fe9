import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Built } from './bundles.ts'
import { isLeftOut } from './leaveOut.ts'

/** An npm package of which code is in a bundle. */
export type BundledPackage = {
  /** Its folder in the checkout, such as `node_modules/express`. */
  readonly folder: string
  readonly name: string
  readonly version: string
  /** SPDX expression. */
  readonly licence: string
  /** The bundles that hold code of it. */
  readonly bundles: readonly string[]
}

/** What is in the bundles: the packages in order of their folders, and which of them imports which. */
export type Contents = {
  readonly packages: readonly BundledPackage[]
  /** By folder, the folders of the packages that its code imports; by `''` those that our own does. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>
}

type Module = { readonly bundle: string; readonly folder: string; readonly imports: readonly string[] }

/** By esbuild's own account: neither what was installed nor what was imported and left out. */
export function contentsOf(root: string, built: readonly Built[]): Contents {
  const modules = built.flatMap(modulesOf)
  const bundles = group(modules.map(({ folder, bundle }) => [folder, bundle]))
  const arrows = modules.flatMap(({ folder, imports }) => imports.map((to) => [folder, to] as const))
  const folders = [...bundles.keys()].filter((folder) => folder !== '').sort()
  return {
    packages: folders.map((folder) => ({
      folder,
      ...describe(root, folder),
      bundles: [...(bundles.get(folder) ?? [])],
    })),
    imports: group(arrows.filter(([from, to]) => to !== '' && from !== to && bundles.has(to))),
  }
}

function modulesOf({ name, leaveOut, metafile: { inputs, outputs } }: Built): Module[] {
  const files = Object.values(outputs).flatMap((output) => Object.entries(output.inputs))
  // In place of what is left out stands our own code, which is no code of that package.
  const isKept = ([path, { bytesInOutput }]: (typeof files)[number]): boolean =>
    bytesInOutput > 0 && !isLeftOut(leaveOut, path)
  const kept = new Set(files.filter(isKept).map(([path]) => path))
  return [...kept].map((path) => {
    const imports = (inputs[path]?.imports ?? []).map((to) => folderOf(to.path))
    return { bundle: name, folder: folderOf(path), imports }
  })
}

/** Empty for our own code. */
const folderOf = (path: string): string => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? ''

function group(pairs: readonly (readonly [string, string])[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>()
  for (const [key, value] of pairs) groups.set(key, (groups.get(key) ?? new Set()).add(value))
  return groups
}

function describe(root: string, folder: string): Pick<BundledPackage, 'name' | 'version' | 'licence'> {
  const manifest: unknown = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const { name, version, license } = manifest as Readonly<Record<string, unknown>>
  if (typeof name === 'string' && typeof version === 'string' && typeof license === 'string')
    return { name, version, licence: license }
  throw new Error(`${folder}/package.json lacks a name, a version or a licence`)
}
