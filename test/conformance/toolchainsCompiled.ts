/** How clients of Go, Java and Rust are made ready: compiled, with the packages that they pin. */
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Missing, type Place } from './client.ts'
import { makeOnce, versionOf } from './toolchains.ts'

/** What compiles a client, and the oldest version that can. */
type Tool = { readonly command: readonly string[]; readonly least: string }

const go: Tool = { command: ['go', 'version'], least: '1.26' }
const cargo: Tool = { command: ['cargo', '--version'], least: '1.94.1' }
const maven: Tool = { command: ['mvn', '-B', '-version'], least: '3.6.3' }
const javac: Tool = { command: ['javac', '-version'], least: '17' }

/**
 * Compiles the Go module of a client, `main.go` with its `go.mod` and `go.sum`, and answers the program's path. Throws
 * Missing where there is no Go.
 */
export async function buildGo(place: Place): Promise<string> {
  await compile(place, ['main.go', 'go.mod', 'go.sum'], go, async () => {
    await place.run(['go', 'build', '-buildvcs=false', '-trimpath', '-o', 'client', '.'], { cwd: place.build })
  })
  return join(place.build, 'client')
}

/**
 * Compiles the crate of a client, `main.rs` with its `Cargo.toml` and `Cargo.lock`, and answers the program's path.
 * Throws Missing where there is no Rust.
 */
export async function buildRust(place: Place): Promise<string> {
  const target = join(place.build, 'target')
  await compile(place, ['main.rs', 'Cargo.toml', 'Cargo.lock'], cargo, async () => {
    await completeLock(place)
    await place.run(['cargo', 'build', '--quiet', '--locked', '--target-dir', target], { cwd: place.build })
  })
  return join(target, 'debug', 'client')
}

/**
 * Fetches what `pom.xml` names, compiles `main`, a path from the client's directory, and answers the command that runs
 * it. Throws Missing where there is no Maven or no Java.
 */
export async function buildJava(place: Place, main: string): Promise<readonly string[]> {
  const [jars, classes] = [join(place.build, 'lib'), join(place.build, 'classes')]
  await compile(place, ['pom.xml', main], javac, async () => {
    await need(place, maven)
    const options = ['-DincludeScope=runtime', `-DoutputDirectory=${jars}`]
    await place.run(['mvn', '-B', '-q', 'dependency:copy-dependencies', ...options], { cwd: place.build })
    await place.run(['javac', '-d', classes, '-cp', join(jars, '*'), basename(main)], { cwd: place.build })
  })
  return ['java', '-XX:TieredStopAtLevel=1', '-cp', `${classes}:${join(jars, '*')}`, 'Main']
}

/** Answers what `pattern` captures in a file of the client that pins versions. Throws where it captures nothing. */
export async function readPin(place: Place, file: string, pattern: RegExp): Promise<string> {
  const found = pattern.exec(await readFile(join(place.source, file), 'utf8'))?.[1]
  if (found === undefined) throw new Error(`${file} of ${basename(place.source)} has no ${pattern.source}`)
  return found
}

/** Copies `files` of the client to where it is made, and makes it. */
async function compile(place: Place, files: readonly string[], tool: Tool, make: () => Promise<void>): Promise<void> {
  const inputs = files.map((file) => join(place.source, file))
  await makeOnce(place, { inputs, tool: await need(place, tool) }, async () => {
    for (const input of inputs) await cp(input, join(place.build, basename(input)))
    await make()
  })
}

/** Answers its version. Throws Missing where there is none, or an older one. */
async function need(place: Place, { command, least }: Tool): Promise<string> {
  const wanted = `${command[0]} ${least} or later`
  const said = await versionOf(place, command, wanted)
  const found = /\d+(?:\.\d+)*\b/.exec(said)?.[0] ?? ''
  if (found.localeCompare(least, 'en', { numeric: true }) < 0) throw new Missing(`${wanted}: this one is ${found}`)
  return found
}

/**
 * A lock of cargo says with each package which registry it came from, and that is whichever this machine uses: the
 * client's `Cargo.lock` is without. What cargo itself writes here says what to complete it with.
 */
async function completeLock(place: Place): Promise<void> {
  const path = join(place.build, 'Cargo.lock')
  const pinned = await readFile(path, 'utf8')
  await rm(path)
  await place.run(['cargo', 'generate-lockfile', '--quiet'], { cwd: place.build })
  const source = /^source = .*$/m.exec(await readFile(path, 'utf8'))?.[0] ?? ''
  await writeFile(path, pinned.replaceAll(/^checksum = /gm, `${source}\nchecksum = `))
}
