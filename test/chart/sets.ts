import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export type ValueSet = { readonly name: string; readonly path: string; readonly text: string; readonly values: object }

const setsIn = (name: string): readonly ValueSet[] => {
  const folder = fileURLToPath(new URL(name, import.meta.url))
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const path = `${folder}/${file}`
      const text = readFileSync(path, 'utf8')
      return { name: file.replace(/\.yaml$/, ''), path, text, values: (parse(text) as object | null) ?? {} }
    })
}

/** The sets of values that between them touch every one; test/e2e has the API server look at each. */
export const sets = setsIn('values')
/** Those of the mode without a webhook, which needs a newer Kubernetes. */
export const policySets = setsIn('valuesPolicy')

/** A set by its name. Throws where there is none. */
export function setOf(name: string): ValueSet {
  const found = [...sets, ...policySets].find((set) => set.name === name)
  if (found === undefined) throw new Error(`there is no set of values ${name}`)
  return found
}
