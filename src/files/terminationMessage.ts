import { closeSync, constants, ftruncateSync, openSync, writeSync } from 'node:fs'

/** kubelet keeps the last 4096 bytes of it. */
const MOST_BYTES = 4096

export type TerminationMessage = { readonly write: (text: string) => void; readonly clear: () => void }

/**
 * What `kubectl describe pod` shows of a container that ended. Written in place while the start gate waits, since kubelet
 * reads it after the gate has failed; a file that cannot be written stops nothing.
 */
export function terminationMessage(path: string): TerminationMessage {
  const put = (text: string): void => {
    try {
      overwrite(path, text)
    } catch {
      // Outside a pod there is no such file, and in a pod nothing depends on it.
    }
  }
  return { write: (text) => put(leadingBytes(text)), clear: () => put('') }
}

/** Cut where a character begins, so that the first cause stays and no character breaks. */
function leadingBytes(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MOST_BYTES))
  return text.slice(0, read)
}

/** Cut only behind the new text: whoever reads meanwhile never finds it empty. */
function overwrite(path: string, text: string): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT)
  try {
    ftruncateSync(file, writeSync(file, text, 0))
  } finally {
    closeSync(file)
  }
}
