import { open } from 'node:fs/promises'

/** Far above any token: a file that grew without bound is not read whole. */
const MOST_BYTES = 65_536

/** Reads a small file as UTF-8, at most 64 KiB of it. Rejects with the system's error. */
export async function readSmallFile(path: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
