import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Check } from './types.ts'

/** Licences that go with Apache-2.0 and ask for no more than their notice. */
const allowed = new Set([
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'PSF-2.0',
])

type Locked = { readonly version?: string; readonly license?: string; readonly dev?: boolean; readonly link?: boolean }

/** The licences of everything that is installed with the product. */
export const licences: Check = async (root) => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const shipped = Object.entries(lock.packages).filter(([path, { dev, link }]) => path !== '' && !dev && !link)
  const problems = shipped.flatMap(([path, { license, version }]) =>
    isAllowed(license) ? [] : [`${nameOf(path)} ${version ?? ''}: ${license ?? 'names no licence'}`],
  )
  return { problems, note: `${shipped.length} packages` }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** An SPDX expression of licences that are allowed: of `OR` one is enough, of `AND` all are needed. */
export function isAllowed(expression: string | undefined): boolean {
  if (expression === undefined) return false
  const bare = expression.replace(/^\((.*)\)$/, '$1')
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((name) => allowed.has(name)))
}
