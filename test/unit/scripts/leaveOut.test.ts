import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { isLeftOut, leaveOut } from '../../../scripts/build/leaveOut.ts'

/** What a program exports whose imports of `left.*` are left out. */
async function bundle(files: Readonly<Record<string, string>>): Promise<Record<string, () => unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const outfile = join(folder, 'bundle.cjs')
  await build({
    entryPoints: [join(folder, 'main.js')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    supported: { 'dynamic-import': false },
    minify: true,
    logLevel: 'error',
    logOverride: { 'import-is-undefined': 'silent' },
    plugins: [leaveOut(/\/(left|absent)\.\w+$/, /\/absent\./)],
  })
  return createRequire(import.meta.url)(outfile)
}

const left = 'export const table = { a: 1 }; export class Made {}; export function called() {}; export default 7'

test('what is left out can be loaded, spread, made and handed on', async () => {
  const { spread, made } = await bundle({
    'left.js': left,
    'main.js': `
      import { table, Made, called } from './left.js'
      const kept = { called, made: new Made() }
      export const spread = () => ({ ...table, b: 2 })
      export const made = () => typeof kept.made`,
  })
  expect(spread?.()).toEqual({ b: 2 })
  expect(made?.()).toBe('function')
})

test.each([
  ['called', 'called()', /^called of .*left\.js was left out of this program$/],
  ['read', 'table.a', /^table of /],
  ['written', 'table.b = 1', /^table of /],
  ['made and asked', 'new Made().name', /^Made of /],
  ['the default, read', 'seven.toString()', /^default of /],
])('what is left out throws when it is %s', async (_, use, message) => {
  const { run } = await bundle({
    'left.js': left,
    'main.js': `import seven, { table, Made, called } from './left.js'\nexport const run = () => ${use}`,
  })
  expect(run).toThrow(message)
})

test('CommonJS and JSON are left out as well', async () => {
  const { common, json } = await bundle({
    'left.cjs': 'exports.a = 1',
    'left.json': '{ "version": "1" }',
    'main.js': `
      import data from './left.json'
      const left = require('./left.cjs')
      export const common = () => left.a
      export const json = () => data.version`,
  })
  expect(common).toThrow(/^.*left\.cjs was left out of this program$/)
  expect(json).toThrow(/^default of .*left\.json was left out of this program$/)
})

test('an import where it is needed rejects', async () => {
  const { run } = await bundle({ 'left.js': left, 'main.js': "export const run = () => import('./left.js')" })
  await expect(run?.()).rejects.toThrow(/left\.js was left out of this program$/)
})

test('what is absent is not there for whoever asks', async () => {
  const { run } = await bundle({
    'absent.js': left,
    'main.js': "import { Made } from './absent.js'\nexport const run = () => Made ?? 'another'",
  })
  expect(run?.()).toBe('another')
})

test('what esbuild tells of it is known again', () => {
  const filter = /\/node_modules\/a\/.*\.js$/
  expect(['node_modules/a/b.js', 'node_modules/a/b.js?whole'].map((path) => isLeftOut(filter, path))).toEqual([
    true,
    true,
  ])
  expect(isLeftOut(filter, 'node_modules/b/b.js')).toBe(false)
  expect(isLeftOut(undefined, 'node_modules/a/b.js')).toBe(false)
})
