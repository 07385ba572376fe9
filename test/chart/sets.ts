import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const FOLDER = fileURLToPath(new URL('values', import.meta.url))

export type ValueSet = { readonly name: string; readonly path: string; readonly text: string; readonly values: object }

/** The sets of values that between them touch every one; test/e2e has the API server look at each. */
export const sets: readonly ValueSet[] = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const path = `${FOLDER}/${file}`
    const text = readFileSync(path, 'utf8')
    return { name: file.replace(/\.yaml$/, ''), path, text, values: (parse(text) as object | null) ?? {} }
  })

/** A set by its name. Throws where there is none. */
export function setOf(name: string): ValueSet {
  const found = sets.find((set) => set.name === name)
  if (found === undefined) throw new Error(`there is no test/chart/values/${name}.yaml`)
  return found
}
