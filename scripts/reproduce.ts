/** `npm run reproduce`: whether whoever builds the images again has the same ones. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { layOutBases } from './release/bases.ts'
import { installBuildkit, must, platformHere, startBuilder } from './release/buildkit.ts'
import { buildctlArguments, type ImageBuild, TARGETS, type Target } from './release/imageBuild.ts'
import { differences, type ImageFile, readImageFile } from './release/imageFile.ts'
import { readTold } from './release/told.ts'

const help = `Builds every image twice, and compares digests: two checkouts in folders of different names and depths, with other
modes and times of their files, each by a builder of its own that has nothing in its cache.

Usage:
  npm run reproduce

Needs root, docker with the Dockerfile's bases (which are pulled where they are missing), skopeo, runc and git, and Go
where BuildKit is not compiled yet.
Exit codes: 0 the same digests, 1 others, or something failed, 2 called wrongly.
`

/** Where the checkouts lie, and the modes of their files: nothing of it may be seen in the image. */
const checkouts = [
  { folder: 'one', mode: 0o644 },
  { folder: 'other/and/deeper', mode: 0o600 },
] as const

const targets = Object.keys(TARGETS) as readonly Target[]

/** The files that git has or would take, with the time of the copy. */
async function checkOut(root: string, folder: string): Promise<readonly string[]> {
  const listed = await must(root, 'git', 'ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate')
  const deleted = new Set((await must(root, 'git', 'ls-files', '--deleted')).split('\n'))
  const names = listed.split('\n').filter((name) => !deleted.has(name))
  copyAll(root, folder, names)
  return names
}

function copyAll(from: string, to: string, names: readonly string[], mode?: number): void {
  for (const name of names) {
    mkdirSync(dirname(join(to, name)), { recursive: true })
    copyFileSync(join(from, name), join(to, name))
    if (mode !== undefined) chmodSync(join(to, name), mode)
  }
}

type Ground = {
  readonly root: string
  /** Of what is built, and its files. */
  readonly source: string
  readonly names: readonly string[]
  readonly programs: string
  readonly scratch: string
  readonly layout: { readonly folder: string; readonly bases: Readonly<Record<string, string>> }
  readonly build: Omit<ImageBuild, 'target'>
}

async function buildOnce(ground: Ground, { folder, mode }: (typeof checkouts)[number]): Promise<readonly ImageFile[]> {
  const { root, source, names, programs, scratch, layout, build } = ground
  const place = join(scratch, folder)
  const tree = join(place, 'checkout')
  copyAll(source, tree, names, mode)
  const builder = await startBuilder(root, programs, join(place, 'builder'))
  try {
    const images: ImageFile[] = []
    for (const target of targets) {
      const path = join(place, `${target}.tar`)
      await builder.build(buildctlArguments({ ...build, target }, tree, layout, { kind: 'file', path }))
      images.push(await readImageFile(root, path, join(place, target)))
    }
    return images
  } finally {
    await builder.stop()
  }
}

async function prepare(root: string, scratch: string): Promise<Ground> {
  // Once and for both: somebody may be at work here.
  const source = join(scratch, 'source')
  const names = await checkOut(root, source)
  const programs = await installBuildkit(root)
  const folder = join(scratch, 'bases')
  const bases = await layOutBases(root, folder)
  const [revision = '', epoch = ''] = (await must(root, 'git', 'log', '-1', '--format=%H %ct')).split(' ')
  const platforms = [platformHere()]
  const version = readTold(root).manifest
  const build = { platforms, version, revision, epoch: Number(epoch), source: 'https://example.com/lanyard' }
  return { root, source, names, programs, scratch, layout: { folder, bases }, build }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const scratch = mkdtempSync(join(tmpdir(), 'lanyard-reproduce-'))
  try {
    const ground = await prepare(process.cwd(), scratch)
    const [first, second] = checkouts
    const [one, other] = [await buildOnce(ground, first), await buildOnce(ground, second)]
    return targets.filter((target, index) => !isSame(target, one[index], other[index])).length === 0 ? 0 : 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function isSame(target: Target, one: ImageFile | undefined, other: ImageFile | undefined): boolean {
  if (one === undefined || other === undefined) throw new Error(`${target} was not built twice`)
  const problems = differences(one, other)
  console.log(`${target.padEnd(8)} ${problems.length === 0 ? `the same twice: ${one.digest}` : 'DIFFERS'}`)
  for (const problem of problems) console.log(`    ${problem}`)
  return problems.length === 0
}

try {
  process.exitCode = await main()
} catch (thrown) {
  process.stderr.write(`reproduce: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = thrown instanceof TypeError && 'code' in thrown ? 2 : 1
}
