/** An image as a file of OCI's layout, and what two of them differ in. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './buildkit.ts'

type Blob = { readonly digest: string }
type Index = { readonly manifests: readonly Blob[] }
type Manifest = { readonly config: Blob; readonly layers: readonly Blob[] }

export type ImageFile = {
  /** The image's own: what a registry would know it by. */
  readonly digest: string
  /** Its configuration, laid out for reading. */
  readonly config: string
  readonly layers: readonly { readonly digest: string; readonly listing: string }[]
}

/** Reads an image of one platform, which is unpacked into a folder. Throws where it is something else. */
export async function readImageFile(root: string, file: string, folder: string): Promise<ImageFile> {
  mkdirSync(folder, { recursive: true })
  await must(root, 'tar', '-xf', file, '-C', folder)
  const blob = (digest: string): string => join(folder, 'blobs', digest.replace(':', '/'))
  const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8'))
  const [image, ...others] = json<Index>(join(folder, 'index.json')).manifests
  if (image === undefined || others.length > 0) throw new Error(`${file} is not one image`)
  const { config, layers } = json<Manifest>(blob(image.digest))
  const list = (digest: string) => must(root, 'tar', '--numeric-owner', '--full-time', '-tvf', blob(digest))
  return {
    digest: image.digest,
    config: JSON.stringify(json(blob(config.digest)), null, 1),
    layers: await Promise.all(layers.map(async ({ digest }) => ({ digest, listing: await list(digest) }))),
  }
}

/** A sentence for each part that two builds of an image do not share; none where they are the same to the byte. */
export function differences(one: ImageFile, other: ImageFile): readonly string[] {
  if (one.digest === other.digest) return []
  const count = Math.max(one.layers.length, other.layers.length)
  const layers = Array.from({ length: count }, (_, index) =>
    layerDifference(index, one.layers[index], other.layers[index]),
  )
  const config = one.config === other.config ? [] : [`the configuration: ${firstDifference(one.config, other.config)}`]
  const parts = [...layers.flat(), ...config]
  return [`${one.digest} and ${other.digest}`, ...(parts.length === 0 ? ['only the manifest differs'] : parts)]
}

type Layer = ImageFile['layers'][number]

function layerDifference(index: number, one: Layer | undefined, other: Layer | undefined): readonly string[] {
  if (one?.digest === other?.digest) return []
  const [left, right] = [one?.listing ?? '', other?.listing ?? '']
  const what = left === right ? 'the same names, sizes, modes and times: the content' : firstDifference(left, right)
  return [`layer ${index + 1}: ${what}`]
}

function firstDifference(one: string, other: string): string {
  const [left, right] = [one.split('\n'), other.split('\n')]
  const at = left.findIndex((line, index) => line !== right[index])
  const index = at < 0 ? left.length : at
  return `"${left[index]?.trim() ?? 'nothing more'}" and "${right[index]?.trim() ?? 'nothing more'}"`
}
