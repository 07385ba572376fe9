import { writeFileSync } from 'node:fs'

/** kubelet keeps 4096 bytes of it. */
const MOST_CHARACTERS = 2000

export type TerminationMessage = { readonly write: (text: string) => void; readonly clear: () => void }

/**
 * What `kubectl describe pod` shows of a container that ended. Written in place while the start gate waits, since kubelet
 * reads it after the gate has failed; a file that cannot be written stops nothing.
 */
export function terminationMessage(path: string): TerminationMessage {
  const put = (text: string): void => {
    try {
      writeFileSync(path, text)
    } catch {
      // Outside a pod there is no such file, and in a pod nothing depends on it.
    }
  }
  return { write: (text) => put(text.slice(0, MOST_CHARACTERS)), clear: () => put('') }
}
