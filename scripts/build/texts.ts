import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** Tables whose entries say what they are, for the reference pages. */
const TABLES = /\/src\/(settings|errors\/codes)\/.*\.ts$/

/** As the formatter writes them: a name, and a text in quotes of one kind. */
const TEXT = /\b(?:doc|cause|otherwise):\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`),?/g

/** Leaves out what is said of settings and codes in the documentation, and nowhere in a program that pods run. */
export const dropTexts: Plugin = {
  name: 'dropTexts',
  setup: (hooks) => {
    hooks.onLoad({ filter: TABLES }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(TEXT, ''),
      loader: 'ts',
    }))
  },
}
