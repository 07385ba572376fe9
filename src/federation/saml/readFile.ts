import { type Code, Failure } from '../../errors/index.ts'
import { printable } from '../redact.ts'
import type { ReadFile } from './source.ts'

/** Who is told what of a file: by whether it is missing, or there and not readable. */
type FileCodes = { readonly missing: Code; readonly unreadable: Code }

/** Reads a file anew. Throws Failure by those codes; no message holds anything of the content. */
export async function readOrFail(read: ReadFile, path: string, codes: FileCodes, signal: AbortSignal): Promise<string> {
  try {
    return await orAborted(read(path, signal), signal)
  } catch (thrown) {
    const reason = signal.aborted ? 'no answer in time' : systemCode(thrown)
    if (reason === 'ENOENT' || reason === 'ENOTDIR') {
      throw new Failure({ code: codes.missing, message: `there is no file ${path}` })
    }
    throw new Failure({ code: codes.unreadable, message: `${path} cannot be read (${reason})` })
  }
}

/** A file system may hang, and no signal reaches it then. */
function orAborted<T>(reading: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** The error's text may quote anything, so only its code is shown. */
function systemCode(thrown: unknown): string {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' ? printable(code) : 'unknown error'
}
