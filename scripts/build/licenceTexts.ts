import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundledPackage } from './packages.ts'

const LICENCE = /^(licen[cs]e|copying)([.-].*)?$/i
const NOTICE = /^notice(\..*)?$/i
const OURS = 'Apache-2.0'
const RULE = '-'.repeat(100)

/**
 * The licences and notices of every package, each text once, behind the packages that it is for. Throws where a package
 * brings no text, and its licence is not our own, whose text we have: nobody may pass it on without.
 */
export function collectLicences(root: string, packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>()
  for (const one of packages) {
    const text = textOf(root, one)
    byText.set(text, [...(byText.get(text) ?? []), `${one.name} ${one.version} (${one.licence})`])
  }
  const parts = [...byText].map(([text, names]) => `${RULE}\n${names.join('\n')}\n\n${text}\n`)
  return ['Lanyard holds code of these packages, under the terms that follow each.\n', ...parts].join('\n')
}

function textOf(root: string, { folder, name, licence }: BundledPackage): string {
  const files = readdirSync(join(root, folder)).sort()
  const licences = files.filter((file) => LICENCE.test(file))
  if (licences.length === 0 && licence !== OURS) throw new Error(`${name} has no licence text in ${folder}`)
  const notices = files.filter((file) => NOTICE.test(file))
  const paths = [...licences, ...notices].map((file) => join(root, folder, file))
  if (licences.length === 0) paths.unshift(join(root, 'LICENSE'))
  const texts = paths.map((path) => readFileSync(path, 'utf8'))
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n')
}
