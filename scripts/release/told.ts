import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Told } from './agree.ts'
import { readChangelog } from './changelog.ts'

type Manifest = { readonly version: string }
type Chart = {
  readonly version: string
  readonly appVersion: string
  readonly annotations: Readonly<Record<string, string>>
}

/** Reads what the files of a checkout say of its version. Throws where one is missing or cannot be read. */
export function readTold(root: string): Told {
  const read = (name: string): string => readFileSync(join(root, name), 'utf8')
  const json = (name: string): Manifest => JSON.parse(read(name))
  const chart: Chart = parse(read('charts/lanyard/Chart.yaml'))
  return {
    manifest: json('package.json').version,
    lock: json('package-lock.json').version,
    chart: chart.version,
    appVersion: chart.appVersion,
    chartImages: chart.annotations['artifacthub.io/images'] ?? '',
    changelog: readChangelog(read('CHANGELOG.md')),
  }
}
