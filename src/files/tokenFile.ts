import * as fs from 'node:fs'
import { sep } from 'node:path'
import { promisify } from 'node:util'

// Not by node:fs/promises: with it Node loads what watches folders and reads lines, a quarter of a megabyte in every pod.
const [open, read, close] = [promisify(fs.open), promisify(fs.read), promisify(fs.close)]
const [fstat, realpath] = [promisify(fs.fstat), promisify(fs.realpath)]
const { constants } = fs

/** Far above any token: a file that grew without bound is not read whole. */
const MOST_BYTES = 65_536

type Read = (path: string, signal: AbortSignal) => Promise<string>

/** Reads a file as UTF-8, `most` bytes of it and no more. Rejects with the system's error. */
export const readFileUpTo =
  (most: number): Read =>
  async (path, signal) => {
    signal.throwIfAborted()
    const file = await open(path, 'r')
    try {
      return await readText(file, most)
    } finally {
      await close(file)
    }
  }

async function readText(file: number, most: number): Promise<string> {
  const { buffer, bytesRead } = await read(file, Buffer.alloc(most), 0, most, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

/** A token: at most 64 KiB. */
export const readSmallFile: Read = readFileUpTo(MOST_BYTES)

/** What another container can make of a file is refused like what the system refuses. */
const refused = (code: string): Error => Object.assign(new Error(code), { code })

/**
 * As `readFileUpTo`, of files below a directory that another container writes to: no link leads out of it, to files of the
 * sidecar's own, and nothing is waited for that is no file (a pipe would hold one of Node's few threads for ever).
 */
export const readFileWithin =
  (directory: string, most: number): Read =>
  async (path, signal) => {
    signal.throwIfAborted()
    const [real, root] = await Promise.all([realpath(path), realpath(directory)])
    if (!real.startsWith(`${root}${sep}`)) throw refused('a link leads out of the volume')
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      if (!(await fstat(file)).isFile()) throw refused('it is no plain file')
      return await readText(file, most)
    } finally {
      await close(file)
    }
  }
