/** `npm run release -- COMMAND`: the steps of a release that are more than a line of shell; docs/releasing.md has all of them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { tagProblems, versionProblems } from './release/agree.ts'
import { basesIn } from './release/bases.ts'
import { must } from './release/buildkit.ts'
import { changelogProblems, releaseNotes } from './release/changelog.ts'
import { layOutChart } from './release/chart.ts'
import { buildxArguments, isTarget, type Output, readBases } from './release/imageBuild.ts'
import { readTold } from './release/told.ts'

const help = `The steps of a release that are more than a line of shell.

Usage:
  npm run release -- check TAG                  whether tag, package.json, Chart.yaml and CHANGELOG.md agree
  npm run release -- notes PAGES                what CHANGELOG.md says of this version; PAGES is where its links lead
  npm run release -- bases                      the bases of the images, as NAME=IMAGE
  npm run release -- build TARGET FLAGS         an image for both platforms, by docker buildx; says its digest
  npm run release -- chart FOLDER REPOSITORY DIGEST    the chart, with the image named, into a folder

Flags of build:
  --bases FILE     NAME=IMAGE@DIGEST for each base.
  --source URL     Where the sources are, for a label.
  --push NAME      Pushes it by this name; or
  --file FILE      writes it as a file of OCI's layout; or
  --folder FOLDER  writes its files, by platform.
  --anew           Takes nothing out of the builder's cache.
Exit codes: 0 done, 1 something does not agree or failed, 2 called wrongly.
`

class UsageError extends Error {}

const root = process.cwd()

function check(tag: string): number {
  const told = readTold(root)
  const problems = [...versionProblems(told), ...changelogProblems(told.changelog), ...tagProblems(tag, told)]
  for (const problem of problems) console.log(problem)
  if (problems.length === 0) console.log(`${tag}: everything agrees`)
  return problems.length === 0 ? 0 : 1
}

function notes(pages: string): number {
  const { manifest, changelog } = readTold(root)
  process.stdout.write(releaseNotes(changelog, manifest, pages))
  return 0
}

function bases(): number {
  for (const [name, image] of basesIn(readFileSync(join(root, 'Dockerfile'), 'utf8'))) console.log(`${name}=${image}`)
  return 0
}

const flags = {
  bases: { type: 'string' },
  source: { type: 'string' },
  push: { type: 'string' },
  file: { type: 'string' },
  folder: { type: 'string' },
  anew: { type: 'boolean' },
  help: { type: 'boolean' },
} as const
type Flags = { readonly [Name in keyof typeof flags]?: string | boolean | undefined }

const textOf = (flag: string | boolean | undefined, name: string): string => {
  if (typeof flag === 'string' && flag !== '') return flag
  throw new UsageError(`build needs --${name}`)
}

function outputOf({ push, file, folder }: Flags): Output {
  const all: readonly (Output | undefined)[] = [
    typeof push === 'string' ? { kind: 'push', name: push } : undefined,
    typeof file === 'string' ? { kind: 'file', path: file } : undefined,
    typeof folder === 'string' ? { kind: 'folder', path: folder } : undefined,
  ]
  const [output, ...others] = all.flatMap((one) => one ?? [])
  if (output === undefined || others.length > 0) throw new UsageError('build needs one of --push, --file and --folder')
  return output
}

async function build(target: string, given: Flags): Promise<number> {
  if (!isTarget(target)) throw new UsageError(`the Dockerfile has no target ${target} to publish`)
  const output = outputOf(given)
  const [revision = '', epoch = ''] = (await must(root, 'git', 'log', '-1', '--format=%H %ct')).split(' ')
  const source = textOf(given.source, 'source')
  const platforms = ['linux/amd64', 'linux/arm64']
  const what = { target, platforms, version: readTold(root).manifest, revision, epoch: Number(epoch), source }
  const found = readBases(readFileSync(textOf(given.bases, 'bases'), 'utf8'))
  const scratch = mkdtempSync(join(tmpdir(), 'lanyard-build-'))
  try {
    const metadata = join(scratch, 'metadata.json')
    await must(root, 'docker', ...buildxArguments(what, found, output, { anew: given.anew === true, metadata }))
    if (output.kind !== 'folder') console.log(JSON.parse(readFileSync(metadata, 'utf8'))['containerimage.digest'])
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return 0
}

function chart(folder: string, repository: string, digest: string): number {
  layOutChart(root, folder, { repository, digest })
  return 0
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: flags, allowPositionals: true })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const [command = '', first = '', second = '', third = ''] = positionals
  const commands: Readonly<Record<string, readonly [count: number, run: () => number | Promise<number>]>> = {
    check: [1, () => check(first)],
    notes: [1, () => notes(first)],
    bases: [0, bases],
    build: [1, () => build(first, values)],
    chart: [3, () => chart(first, second, third)],
  }
  const [count, run] = commands[command] ?? []
  if (run === undefined || positionals.length !== (count ?? 0) + 1) throw new UsageError('see --help')
  return run()
}

try {
  process.exitCode = await main()
} catch (thrown) {
  process.stderr.write(`release: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`)
  process.exitCode = thrown instanceof UsageError || (thrown instanceof TypeError && 'code' in thrown) ? 2 : 1
}
