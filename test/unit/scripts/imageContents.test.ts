import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Built } from '../../../scripts/build/bundles.ts'
import { collectLicences } from '../../../scripts/build/licenceTexts.ts'
import { contentsOf } from '../../../scripts/build/packages.ts'
import { makeSbom } from '../../../scripts/build/sbom.ts'
import { scratch } from '../../support/processes.ts'

let root: string

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function install(folder: string, manifest: object, licence = 'Do as you like.\r\n'): void {
  put(`${folder}/package.json`, JSON.stringify(manifest))
  put(`${folder}/LICENSE.md`, licence)
}

/** A bundle as esbuild accounts for it: by module, how many bytes are left and what it imports. */
function bundle(
  name: string,
  modules: Readonly<Record<string, readonly [bytes: number, ...imports: string[]]>>,
): Built {
  const entries = Object.entries(modules)
  const inputs = entries.map(([path, [bytes, ...imports]]) => {
    const arrows = imports.map((to) => ({ path: to, kind: 'import-statement' as const }))
    return [path, { bytes, imports: arrows }] as const
  })
  const kept = entries.map(([path, [bytes]]) => [path, { bytesInOutput: bytes }] as const)
  const output = { bytes: 1, inputs: Object.fromEntries(kept), imports: [], exports: [] }
  const metafile = { inputs: Object.fromEntries(inputs), outputs: { [name]: output } }
  return { name, doc: '', bytes: 1, zipped: 1, metafile }
}

const left = 'node_modules/left/index.js'
const right = 'node_modules/@side/right/dist/index.js'
const nested = 'node_modules/left/node_modules/inner/index.js'
const unused = 'node_modules/unused/index.js'

beforeEach(() => {
  root = scratch()
  put('package.json', '{ "name": "lanyard", "version": "1.0.0", "license": "Apache-2.0" }')
  put('package-lock.json', '{ "packages": { "node_modules/left": { "integrity": "sha512-q80=" } } }')
  install('node_modules/left', { name: 'left', version: '1.2.3', license: 'MIT' })
  install('node_modules/@side/right', { name: '@side/right', version: '2.0.0', license: '(MIT OR ISC)' })
  put('node_modules/@side/right/NOTICE', 'Right was here.')
  install('node_modules/left/node_modules/inner', { name: 'inner', version: '3.0.0', license: 'ISC' })
})

const built = (): Built[] => [
  bundle('a.cjs', {
    'cmd/a.ts': [9, left, unused],
    [left]: [5, nested, right],
    [nested]: [1, left],
    [unused]: [0, left],
    [right]: [0],
  }),
  bundle('b.cjs', { 'cmd/b.ts': [9, right], [right]: [7, right] }),
]

describe('the contents of bundles', () => {
  test('are the packages that code is left of, each with its bundles, and who imports whom', () => {
    const { packages, imports } = contentsOf(root, built())
    expect(packages.map(({ name, version, bundles }) => `${name} ${version} ${bundles}`)).toEqual([
      '@side/right 2.0.0 b.cjs',
      'left 1.2.3 a.cjs',
      'inner 3.0.0 a.cjs',
    ])
    expect([...imports].map(([from, to]) => `${from} -> ${[...to]}`)).toEqual([
      ' -> node_modules/left,node_modules/@side/right',
      'node_modules/left -> node_modules/left/node_modules/inner,node_modules/@side/right',
      'node_modules/left/node_modules/inner -> node_modules/left',
    ])
  })

  test('have a licence, or nothing is built', () => {
    install('node_modules/left', { name: 'left', version: '1.2.3' })
    expect(() => contentsOf(root, built())).toThrow(
      'node_modules/left/package.json lacks a name, a version or a licence',
    )
  })

  test('are a CycloneDX document, the same each time', () => {
    const text = makeSbom(root, contentsOf(root, built()))
    expect(makeSbom(root, contentsOf(root, built()))).toBe(text)
    const { metadata, components, dependencies } = JSON.parse(text)
    expect(metadata.component).toMatchObject({ name: 'lanyard', purl: 'pkg:npm/lanyard@1.0.0' })
    expect(components.slice(0, 2)).toEqual([
      {
        type: 'library',
        'bom-ref': 'pkg:npm/%40side/right@2.0.0',
        group: '@side',
        name: 'right',
        version: '2.0.0',
        purl: 'pkg:npm/%40side/right@2.0.0',
        licenses: [{ expression: '(MIT OR ISC)' }],
        properties: [{ name: 'lanyard:bundle', value: 'b.cjs' }],
      },
      {
        type: 'library',
        'bom-ref': 'pkg:npm/left@1.2.3',
        name: 'left',
        version: '1.2.3',
        purl: 'pkg:npm/left@1.2.3',
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-512', content: 'abcd' }],
        properties: [{ name: 'lanyard:bundle', value: 'a.cjs' }],
      },
    ])
    expect(dependencies[0]).toEqual({
      ref: 'pkg:npm/lanyard@1.0.0',
      dependsOn: ['pkg:npm/%40side/right@2.0.0', 'pkg:npm/left@1.2.3'],
    })
  })
})

describe('the licence texts', () => {
  const texts = (): string => collectLicences(root, contentsOf(root, built()).packages)

  test('are there once each, with notices, behind the packages that they are for', () => {
    const text = texts()
    expect(text).toContain('left 1.2.3 (MIT)\ninner 3.0.0 (ISC)\n\nDo as you like.\n')
    expect(text).toContain('@side/right 2.0.0 ((MIT OR ISC))\n\nDo as you like.\n\nRight was here.\n')
    expect(text.match(/Do as you like/g)).toHaveLength(2)
  })

  test('are missed', () => {
    const { packages } = contentsOf(root, built())
    put('node_modules/other/package.json', '{}')
    const other = packages.map((one) => ({ ...one, name: 'other', folder: 'node_modules/other' }))
    expect(() => collectLicences(root, other)).toThrow('other has no licence text in node_modules/other')
  })

  test('are our own where the licence is, and the package brings none', () => {
    put('LICENSE', 'Apache License\n')
    put('node_modules/other/package.json', '{}')
    const [one] = contentsOf(root, built()).packages
    const other = { ...one, name: 'other', version: '4.0.0', licence: 'Apache-2.0', folder: 'node_modules/other' }
    expect(collectLicences(root, [{ bundles: [], ...other }])).toContain('other 4.0.0 (Apache-2.0)\n\nApache License\n')
  })
})
