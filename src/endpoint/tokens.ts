import { timingSafeEqual } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../errors/index.ts'

export type TokenOptions = {
  /** The memory emptyDir; each container mounts its own directory of it by subPath. */
  readonly directory: string
  readonly containers: Iterable<string>
  /** That many bytes from a cryptographic source. */
  random(size: number): Uint8Array
}

export type EndpointTokens = {
  /** The container whose token this is. Takes the same time for every token of one length, whosever it is. */
  lookup(token: string): string | undefined
}

const TOKEN_BYTES = 32
const TOKEN_LENGTH = 43
const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * Sees to it that DIRECTORY/CONTAINER/token holds an endpoint token for each container, and for no other: one that is
 * there from before a restart stays (apps go on with it), what is no token is replaced. Throws Failure StateUnwritable.
 */
export function prepareTokens(options: TokenOptions): EndpointTokens {
  const containers = new Set(options.containers)
  for (const name of containers)
    if (!dnsLabel.test(name)) throw unwritable(options.directory, 'a container name is not a DNS label')
  const tokens = new Map<string, Buffer>()
  try {
    removeUnwanted(options.directory, containers)
    const taken = new Set<string>()
    for (const name of containers) {
      const token = prepareToken(join(options.directory, name), taken, options.random)
      taken.add(token)
      tokens.set(name, Buffer.from(token))
    }
  } catch (error) {
    throw unwritable(options.directory, errno(error))
  }
  return { lookup: lookupIn(tokens) }
}

/** Each token is compared with what is presented, as far as that goes, in a time that tells nothing of either. */
function lookupIn(tokens: ReadonlyMap<string, Buffer>): EndpointTokens['lookup'] {
  const presented = Buffer.alloc(TOKEN_LENGTH)
  return (token) => {
    presented.fill(0)
    presented.write(token)
    let found: string | undefined
    for (const [container, expected] of tokens) if (timingSafeEqual(expected, presented)) found = container
    return token.length === TOKEN_LENGTH ? found : undefined
  }
}

/** Only directories that could be a container's: what else lies there is not ours to judge. */
function removeUnwanted(directory: string, wanted: ReadonlySet<string>): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isDirectory() || wanted.has(entry.name) || !dnsLabel.test(entry.name)) continue
    rmSync(join(directory, entry.name), { recursive: true })
  }
}

function prepareToken(directory: string, taken: ReadonlySet<string>, random: TokenOptions['random']): string {
  prepareDirectory(directory)
  const path = join(directory, 'token')
  const present = readToken(path)
  if (present !== undefined && !taken.has(present)) return present
  const token = Buffer.from(random(TOKEN_BYTES)).toString('base64url')
  writeToken(path, token)
  return token
}

/** Keeps a directory that is there: the app's mount is bound to it, and would not see one made anew. */
function prepareDirectory(path: string): void {
  const found = statsOf(path)
  if (found !== undefined && !found.isDirectory()) rmSync(path)
  if (found?.isDirectory() !== true) mkdirSync(path)
  // Set apart from the making, where the umask would have its say.
  if (permissions(found) !== 0o755) chmodSync(path, 0o755)
}

/**
 * Nothing unless it is a regular file with exactly one token in its canonical form. Its mode is set right, no more: the
 * kubelet changes it where the pod has an fsGroup, and the apps hold that token.
 */
function readToken(path: string): string | undefined {
  const found = statsOf(path)
  if (found?.isFile() !== true || found.size !== TOKEN_LENGTH) return undefined
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const text = readFileSync(file, 'latin1')
    if (Buffer.from(text, 'base64url').toString('base64url') !== text) return undefined
    if (permissions(found) !== 0o444) fchmodSync(file, 0o444)
    return text
  } finally {
    closeSync(file)
  }
}

/** By a rename, so that a reader sees the old token or the new one and never half of one. */
function writeToken(path: string, token: string): void {
  const temporary = `${path}.new`
  rmSync(temporary, { force: true, recursive: true })
  const file = openSync(temporary, 'wx', 0o444)
  try {
    writeFileSync(file, token)
    fchmodSync(file, 0o444)
  } finally {
    closeSync(file)
  }
  if (statsOf(path)?.isDirectory() === true) rmSync(path, { recursive: true })
  renameSync(temporary, path)
}

const statsOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

const permissions = (stats: Stats | undefined): number | undefined =>
  stats === undefined ? undefined : stats.mode & 0o7777

const errno = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unexpected error'

const unwritable = (field: string, message: string): Failure => new Failure({ code: 'StateUnwritable', field, message })
