import process from 'node:process'
import { ownFiles } from './files.ts'
import type { Check } from './types.ts'

/** An address of a package registry: what such hosts are called, since none is to be named here either. */
const registry = /https?:\/\/[\w.-]*\b(?:registry|npm|yarn|jsr|artifactory|verdaccio)\b[\w.:-]*/
/** A path that is on one person's machine only. */
const machinePath = /(?:^|[\s'"`(=:,[])((?:\/home|\/Users|\/work|\/root|[A-Z]:\\Users)[/\\][\w.-][^\s'"`)]*)/
const resolved = /"resolved":/

/** The project's text names no registry and no machine: it must mean the same everywhere. */
export const text: Check = async (root) => {
  const files = await ownFiles(root)
  const hosts = installedFrom()
  const problems = files.flatMap(({ path, text: content }) =>
    content.split('\n').flatMap((line, index) => {
      const found = findIn(line, path, hosts)
      return found === undefined ? [] : [`${path}:${index + 1}: ${found}`]
    }),
  )
  return { problems, note: `${files.length} files` }
}

function findIn(line: string, path: string, hosts: readonly string[]): string | undefined {
  const host = registry.exec(line)?.[0] ?? hosts.find((name) => line.includes(name))
  if (host !== undefined) return `names the package registry ${host}`
  if (path === 'package-lock.json' && resolved.test(line)) return 'holds the address that a package came from'
  const machine = machinePath.exec(line)?.[1]
  return machine === undefined ? undefined : `names ${machine}, a path of one machine`
}

/** Whatever registry this installation uses has no business in the project either, where it has a name of its own. */
function installedFrom(): readonly string[] {
  const url = process.env['npm_config_registry'] ?? ''
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return /\.[a-z]{2,}$/.test(host) ? [host] : []
}
