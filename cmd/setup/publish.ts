import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { Failure } from '../../src/errors/index.ts'
import { partition as partitionKind, region as regionKind } from '../../src/settings/index.ts'
import { type Bucket, type BucketOutput, bucketTexts, type Site } from '../../src/setup/index.ts'
import type { Flag, GivenFlags } from '../../src/terminal/flags.ts'
import { bucketKind } from './kinds.ts'
import type { OptionReader } from './options.ts'
import { note } from './tell.ts'

const OUTPUTS = ['cli', 'terraform', 'cloudformation'] as const

export const BUCKET_FLAGS: readonly Flag[] = [
  {
    name: 'out',
    value: 'FOLDER',
    doc: "Write the two files, below the folder as they are to be below the issuer's host. Older ones of the same issuer are replaced.",
  },
  {
    name: 'output',
    value: 'FORMAT',
    doc: `Print how they get into an S3 bucket of which everybody may read these two objects: ${OUTPUTS.join(', ')}.`,
  },
  { name: 'bucket', value: 'NAME', doc: 'Its name, for --output.' },
  { name: 'region', value: 'REGION', doc: 'Its region, for --output.' },
  { name: 'partition', value: 'PARTITION', doc: 'Its partition, for --output.', note: '(default aws)' },
]

export type Destination =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'bucket'; readonly output: BucketOutput; readonly bucket: Bucket }

/** Where it is to go, if anywhere. */
export function readDestination({ texts }: GivenFlags, options: OptionReader): Destination | undefined {
  const folder = texts['out']
  const output = options.choice('output', OUTPUTS)
  if (texts['output'] === undefined) {
    for (const name of ['bucket', 'region', 'partition'])
      if (texts[name] !== undefined)
        options.refuse(name, 'it is for --output', `Give --output too: ${OUTPUTS.join(', ')}`)
    return folder === undefined ? undefined : { kind: 'folder', folder }
  }
  if (folder !== undefined) options.refuse('out', '--output is given as well', 'Give one of them')
  const bucket = {
    name: options.required('bucket', bucketKind, ''),
    region: options.required('region', regionKind, ''),
    partition: options.text('partition', partitionKind) ?? 'aws',
  }
  return output === undefined ? undefined : { kind: 'bucket', output, bucket }
}

/** Throws Failure FileUnwritable. */
export function writeSite(site: Site, destination: Destination): void {
  if (destination.kind === 'bucket') {
    process.stdout.write(bucketTexts[destination.output](site, destination.bucket))
    return
  }
  for (const { path, text } of site.files) {
    const file = join(destination.folder, path)
    write(file, text)
    note(`${file} is for https://${site.host}/${path}`)
  }
}

/** What is there and is no such document is somebody else's. */
function write(file: string, text: string): void {
  try {
    if (existsSync(file) && !isDocument(readFileSync(file, 'utf8')))
      throw unwritable(file, 'something else is there, which is left as it is')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown
    throw unwritable(
      file,
      `it cannot be written (${thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'})`,
    )
  }
}

function isDocument(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && ('keys' in value || 'issuer' in value)
  } catch {
    return false
  }
}

const unwritable = (file: string, message: string): Failure =>
  new Failure({ code: 'FileUnwritable', field: file, message })
