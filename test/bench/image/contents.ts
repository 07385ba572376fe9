/** What is in the image, held against what the build has written. */
import { readdirSync, type Stats, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** `MODE OWNER/GROUP [BYTES]` by path, as `tar` lists it. */
export type Contents = ReadonlyMap<string, string>

/** Programs read what is theirs, and nobody but root could write it; one can be executed, as the build made it. */
const FILE = '-rw-r--r-- 0/0'
const PROGRAM = '-rwxr-xr-x 0/0'
const isProgram = ({ mode }: Stats): boolean => (mode & 0o111) !== 0
const FOLDER = 'drwxr-xr-x 0/0'

/** What an image has to hold that is made of this folder. */
export function expectedOf(folder: string): Contents {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      const found = statSync(path)
      const what = isProgram(found) ? PROGRAM : FILE
      return [relative(folder, path), entry.isDirectory() ? FOLDER : `${what} ${found.size}`]
    }),
  )
}

export const bytesOf = (contents: Contents): number =>
  [...contents.values()].reduce((sum, what) => sum + Number(what.split(' ')[2] ?? 0), 0)

const LISTED = /^(\S+) (\d+\/\d+) +(\d+) \S+ \S+ (?:\.\/)?(.+?)\/?$/

/** Of `tar`'s listings with numeric owners, a layer each: what is in all of them together. Throws for a line that is none. */
export function parseListings(listings: readonly string[]): Contents {
  const lines = listings.flatMap((listing) => listing.split('\n').filter((line) => line !== ''))
  return new Map(
    lines.map((line) => {
      const [, mode, owner, bytes, path] = LISTED.exec(line) ?? []
      if (mode === undefined || path === undefined) throw new Error(`tar lists what is not understood: ${line}`)
      return [path, mode.startsWith('-') ? `${mode} ${owner} ${bytes}` : `${mode} ${owner}`]
    }),
  )
}

/** A sentence for each path that is not as it has to be. */
export function compareContents(expected: Contents, found: Contents): readonly string[] {
  const paths = [...new Set([...expected.keys(), ...found.keys()])].sort()
  return paths
    .filter((path) => expected.get(path) !== found.get(path))
    .map((path) => `${path} is ${found.get(path) ?? 'not there'}, and should be ${expected.get(path) ?? 'not there'}`)
}
