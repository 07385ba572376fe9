/** How clients of Node.js and of Python are made ready: their pinned packages, in a directory of their own. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { Missing, type Place, type Prepared } from './client.ts'

type Packaged = {
  /** The package that is the client; its version is the client's. */
  readonly package: string
  /** The file that is run: absolute, else below the client's directory. */
  readonly program?: string
}

/** With the Node.js that runs the suite. Throws Missing without npm. */
export async function installNode(place: Place, { package: name, program = 'main.mjs' }: Packaged): Promise<Prepared> {
  const { source, build } = place
  const main = join(build, 'main.mjs')
  const npm = await versionOf(place, ['npm', '--version'], 'npm')
  const files = ['package.json', 'package-lock.json', '.npmrc'].map((file) => join(source, file))
  const from = join(source, program)
  await makeOnce(place, { inputs: [...files, from], tool: npm }, async () => {
    for (const file of files) cpSync(file, join(build, basename(file)))
    await place.run(['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: build })
    // A module finds its packages above itself, so it has to be beside them.
    cpSync(from, main)
  })
  const { dependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest
  return {
    version: dependencies[name] ?? '',
    command: [process.execPath, main],
    trust: (caFile) => ({ NODE_EXTRA_CA_CERTS: caFile }),
  }
}
type Manifest = { readonly dependencies: Readonly<Record<string, string>> }

export type PythonPlace = {
  /** Of the client. */
  readonly version: string
  /** Where the interpreter and the packages' own programs are: `…/bin`. */
  readonly bin: string
}

/** A virtual environment with what requirements.txt pins. Throws Missing without a Python that can make one. */
export async function installPython(place: Place, name: string): Promise<PythonPlace> {
  const venv = join(place.build, 'venv')
  const requirements = join(place.source, 'requirements.txt')
  const python = await versionOf(place, ['python3', '-c', ABLE], 'Python 3.11 or later with venv, as python3')
  await makeOnce(place, { inputs: [requirements], tool: python }, async () => {
    await place.run(['python3', '-m', 'venv', venv])
    const pip = [join(venv, 'bin', 'python'), '-m', 'pip', '--disable-pip-version-check', '--quiet']
    await place.run([...pip, 'install', '--no-deps', '--require-hashes', '--requirement', requirements])
  })
  return { version: pinnedIn(readFileSync(requirements, 'utf8'), name), bin: join(venv, 'bin') }
}

/** Fails where it cannot make what is needed, else says which interpreter it is. */
const ABLE = 'import sys, venv, ensurepip; assert sys.version_info >= (3, 11); print(sys.version, sys.base_prefix)'

const pinnedIn = (requirements: string, name: string): string =>
  requirements
    .split('\n')
    .find((line) => line.startsWith(`${name}==`))
    ?.slice(name.length + '=='.length)
    .split(' ')[0] ?? ''

/** A client in Python that takes the authority by botocore's variable, as most of its users do. */
export async function installBotocore(
  place: Place,
  { package: name, program = 'main.py' }: Packaged,
): Promise<Prepared> {
  const { version, bin } = await installPython(place, name)
  return {
    version,
    command: [join(bin, 'python'), join(place.source, program)],
    trust: (caFile) => ({ AWS_CA_BUNDLE: caFile }),
  }
}

/** The upstream version of a package that Debian has installed. Throws Missing where it is not. */
export async function debianVersion(place: Place, name: string): Promise<string> {
  const missing = `the Debian package ${name}`
  const status = await versionOf(place, ['dpkg', '--status', name], missing)
  // What was removed but for its configuration has a version too.
  if (!/^Status: install ok installed$/m.test(status)) throw new Missing(missing)
  return /^Version: (?:\d+:)?(.+?)(?:-[^-]*)?$/m.exec(status)?.[1] ?? ''
}

/** Runs a command that says a version. Throws Missing with `tool` where that does not go. */
export const versionOf = (place: Place, command: readonly string[], tool: string): Promise<string> =>
  place.run(command).then(
    (said) => said.trim(),
    () => {
      throw new Missing(tool)
    },
  )

export type Recipe = {
  /** The files that it is made of. */
  readonly inputs: readonly string[]
  /** What makes it, with its version. */
  readonly tool: string
}

/** Fills `place.build`, which is empty then, unless it was filled to the end from the same bytes by the same tool. */
export async function makeOnce({ build }: Place, { inputs, tool }: Recipe, make: () => Promise<void>): Promise<void> {
  const hash = createHash('sha256').update(tool)
  for (const file of inputs) hash.update(`\0${basename(file)}\0`).update(readFileSync(file))
  const stamp = join(build, '.stamp')
  const wanted = hash.digest('hex')
  if (readIfThere(stamp) === wanted) return
  rmSync(build, { recursive: true, force: true })
  mkdirSync(build, { recursive: true })
  await make()
  writeFileSync(stamp, wanted)
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
