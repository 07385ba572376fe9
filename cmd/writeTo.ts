import { writeSync } from 'node:fs'

/** Writes at once, so that nothing is lost when the process ends. */
export const writeTo =
  (fd: number) =>
  (text: string): void => {
    try {
      writeSync(fd, text)
    } catch {
      // A log that nobody takes (EPIPE, EAGAIN) must not end what serves credentials or answers reviews.
    }
  }
