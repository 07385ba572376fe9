import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** Tables whose entries say what they are, for the reference pages. */
const TABLES = /\/src\/(settings|errors\/codes)\/.*\.ts$/

/**
 * Those whose causes no sidecar tells: the message of such a failure says it more precisely. Of what the endpoint refuses,
 * the cause is all that is told.
 */
const UNTOLD = /\/src\/errors\/codes\/(federation|provider|saml|samlAssertion)\.ts$/

/** As the formatter writes them: a name, and a text in quotes of one kind. */
const TEXT = /\b(doc|cause|otherwise):\s*(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`),?/g

/** Leaves out what is said of settings and codes in the documentation, and nowhere in a program that pods run. */
export function dropTexts({ tellsCauses }: { readonly tellsCauses: boolean }): Plugin {
  const setup: Plugin['setup'] = (hooks) => {
    hooks.onLoad({ filter: TABLES }, async ({ path }) => {
      const keepsCauses = tellsCauses || !UNTOLD.test(path)
      const text = await readFile(path, 'utf8')
      const contents = text.replaceAll(TEXT, (whole, name) => (name === 'cause' && keepsCauses ? whole : ''))
      return { contents, loader: 'ts' }
    })
  }
  return { name: 'dropTexts', setup }
}
