import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The checkout, what was built of it, and a folder for the project. */
type Place = { readonly root: string; readonly dist: string; readonly parent: string }

type Manifest = {
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly files: readonly string[]
  readonly dependencies: Readonly<Record<string, string>>
}

/** A project that has installed the package: what its `files` name, and its production dependencies alone. */
export function install({ root, dist, parent }: Place): { project: string; lanyard: string; manifest: Manifest } {
  const project = join(parent, 'project')
  const lanyard = join(project, 'node_modules', 'lanyard')
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  mkdirSync(lanyard, { recursive: true })
  cpSync(join(root, 'package.json'), join(lanyard, 'package.json'))
  for (const name of manifest.files)
    cpSync(name === 'dist' ? dist : join(root, name), join(lanyard, name), { recursive: true })
  for (const name of [...Object.keys(manifest.dependencies), '@types/node']) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
  return { project, lanyard, manifest }
}
