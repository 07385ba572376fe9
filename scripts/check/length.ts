import { ownFiles } from './files.ts'
import type { Check } from './types.ts'

const MOST_LINES = 250

/** No file of code is longer than one can hold in mind. */
export const length: Check = async (root) => {
  const files = (await ownFiles(root)).filter(({ path }) => /^(src|cmd|scripts)\/.*\.ts$/.test(path))
  const long = files.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  const problems = long
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${MOST_LINES}: make two of it`)
  return { problems, note: `${files.length} files` }
}
