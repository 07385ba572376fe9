import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundledPackage, Contents } from './packages.ts'

type Manifest = { readonly name: string; readonly version: string; readonly license: string }
type Lock = { readonly packages: Readonly<Record<string, { readonly integrity?: string }>> }

const read = <T>(root: string, name: string): T => JSON.parse(readFileSync(join(root, name), 'utf8'))

/**
 * A bill of materials of the bundles (CycloneDX 1.6, JSON): each package that they hold code of. It has no time and no
 * serial number, so that the same sources give the same bytes.
 */
export function makeSbom(root: string, contents: Contents): string {
  const { name, version, license } = read<Manifest>(root, 'package.json')
  const lock = read<Lock>(root, 'package-lock.json').packages
  const own = { type: 'application', 'bom-ref': purlOf({ name, version }), name, version, ...licencesOf(license) }
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { ...own, purl: own['bom-ref'] } },
    components: contents.packages.map((one) => componentOf(one, lock[one.folder]?.integrity)),
    dependencies: dependenciesOf(own['bom-ref'], contents),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** A package URL; the `@` of a scope is escaped (purl specification, type npm). */
const purlOf = ({ name, version }: Pick<Manifest, 'name' | 'version'>): string =>
  `pkg:npm/${name.replace(/^@/, '%40')}@${version}`

const licencesOf = (licence: string): object => ({
  licenses: [/ (AND|OR|WITH) /.test(licence) ? { expression: licence } : { license: { id: licence } }],
})

function componentOf(one: BundledPackage, integrity: string | undefined): object {
  const [, scope, name] = /^(?:(@[^/]+)\/)?(.+)$/.exec(one.name) ?? []
  return {
    type: 'library',
    'bom-ref': purlOf(one),
    ...(scope !== undefined && { group: scope }),
    name,
    version: one.version,
    purl: purlOf(one),
    ...licencesOf(one.licence),
    ...hashesOf(integrity),
    properties: one.bundles.map((value) => ({ name: 'lanyard:bundle', value })),
  }
}

/** Of the package as it was published. */
function hashesOf(integrity: string | undefined): object {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? []
  if (digest === undefined) return {}
  return { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }
}

function dependenciesOf(own: string, { packages, imports }: Contents): readonly object[] {
  const purls = new Map([['', own], ...packages.map((one) => [one.folder, purlOf(one)] as const)])
  return [...purls].map(([folder, ref]) => ({
    ref,
    dependsOn: [...(imports.get(folder) ?? [])].sort().map((to) => purls.get(to)),
  }))
}
