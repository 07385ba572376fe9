import { readFile } from 'node:fs/promises'
import { build, type Plugin } from 'esbuild'

const SELF = 'lanyard:left-out'

/**
 * In place of what is left out. It can be named, spread, made and handed on, as whatever loads the module does with it, and
 * throws as soon as anything is asked of it: a call that was thought never to happen is seen.
 */
const STAND_IN = `
export const leftOut = (name) => {
  const fail = () => { throw new Error(name + ' was left out of this program') }
  const get = (_, key) => (key === '__esModule' ? undefined : fail())
  const stand = new Proxy(function () {}, { get, set: fail, apply: fail, construct: () => stand })
  return stand
}`

/** Of what is imported where it is needed, the import throws: nobody could tell what else of it is asked for. */
const WHOLE = '?whole'

/**
 * Modules whose files match export the names that they did, and stand-ins for what these were; those that match `absent` as
 * well export nothing, for whoever asks whether they are there.
 */
export function leaveOut(filter: RegExp, absent?: RegExp): Plugin {
  const setup: Plugin['setup'] = (hooks) => {
    hooks.onResolve({ filter: new RegExp(`^${SELF}$`) }, () => ({ path: SELF, namespace: SELF, sideEffects: false }))
    hooks.onLoad({ filter: /^/, namespace: SELF }, () => ({ contents: STAND_IN, loader: 'js' }))
    hooks.onResolve({ filter: /^/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === SELF) return undefined
      const found = await hooks.resolve(path, { kind, resolveDir, importer, pluginData: SELF })
      return filter.test(found.path) ? { path: found.path, suffix: WHOLE } : found
    })
    hooks.onLoad({ filter }, async ({ path, suffix }) => ({ contents: await contentsOf(path, suffix), loader: 'js' }))
  }
  const contentsOf = async (path: string, suffix: string): Promise<string> => {
    if (suffix === WHOLE) return `throw new Error('${nameOf(path)} was left out of this program')`
    return absent?.test(path) ? '' : await standIn(path)
  }
  return { name: 'leaveOut', setup }
}

/** Whether a file, as esbuild's account names it, is one that was left out. */
export const isLeftOut = (filter: RegExp | undefined, path: string): boolean =>
  filter?.test(`/${path.replace(WHOLE, '')}`) ?? false

const nameOf = (path: string): string => path.replace(/^.*\/(node_modules|src)\//, '')

async function standIn(path: string): Promise<string> {
  const names = await exportsOf(path)
  if (names === undefined) return `module.exports = require('${SELF}').leftOut(${JSON.stringify(nameOf(path))})`
  const make = (one: string): string => `/* @__PURE__ */ leftOut(${JSON.stringify(`${one} of ${nameOf(path)}`)})`
  const each = names.map((one) => `export ${one === 'default' ? 'default' : `const ${one} =`} ${make(one)}`)
  return [`import { leftOut } from '${SELF}'`, ...each].join('\n')
}

/** Undefined where they are not told by name: of CommonJS, and of what hands on all of another module. */
async function exportsOf(path: string): Promise<readonly string[] | undefined> {
  if (path.endsWith('.json')) return ['default']
  const text = await readFile(path, 'utf8')
  if (!/^export\b/m.test(text) || /^export \*/m.test(text)) return undefined
  const options = { format: 'esm', write: false, metafile: true, tsconfigRaw: {} } as const
  const { metafile } = await build({ entryPoints: [path], ...options })
  return Object.values(metafile.outputs).flatMap(({ exports }) => exports)
}
