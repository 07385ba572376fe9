/** The chart as it is published: with the image that it was made for, by digest. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'

const DIGEST = /^sha256:[0-9a-f]{64}$/
/** As values.yaml's own schema has it. */
const REPOSITORY = /^[a-z0-9][a-z0-9._:/-]*$/

/** What is said of the checkout's own chart, in its values and in the page that is made of them. */
const UNPUBLISHED = / No image is published yet:[^|]*?(?:into the nodes|and name it)\./g

export type Image = { readonly repository: string; readonly digest: string }

/** values.yaml with the image named, and not a byte of it changed elsewhere. Throws where it has no such lines. */
export function nameImage(values: string, { repository, digest }: Image): string {
  if (!DIGEST.test(digest)) throw new Error(`no digest of an image: ${digest}`)
  if (!REPOSITORY.test(repository)) throw new Error(`no repository of an image: ${repository}`)
  const named = values
    .replace(/^ {2}repository: lanyard$/m, `  repository: ${repository}`)
    .replace(/^ {2}digest: ""$/m, `  digest: ${digest}`)
    .replace(UNPUBLISHED, '')
  const image = parseDocument(named).toJS().image
  if (image.repository !== repository || image.digest !== digest) throw new Error('values.yaml has no image to name')
  return named
}

/** Chart.yaml whose annotation shows the image by digest. */
export function showImage(chart: string, { repository, digest }: Image): string {
  const shown = chart.replace(/^( +)image: lanyard:\S+$/m, `$1image: ${repository}@${digest}`)
  if (shown === chart) throw new Error('Chart.yaml shows no image')
  return shown
}

/** Writes the chart into a folder, which is made anew. */
export function layOutChart(root: string, folder: string, image: Image): void {
  rmSync(folder, { recursive: true, force: true })
  cpSync(join(root, 'charts/lanyard'), folder, { recursive: true })
  const change = (name: string, how: (text: string, image: Image) => string): void =>
    writeFileSync(join(folder, name), how(readFileSync(join(root, 'charts/lanyard', name), 'utf8'), image))
  change('values.yaml', nameImage)
  change('Chart.yaml', showImage)
  change('README.md', (text) => text.replace(UNPUBLISHED, ''))
}
