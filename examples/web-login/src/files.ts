/** A bucket as one user may see it. The app forbids nothing: the user's own credentials do. */
import type { Readable } from 'node:stream'
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import type { Config } from './config.ts'
import { Refusal } from './refusal.ts'
import type { UserCredentials } from './userCredentials.ts'

export type StoredFile = { readonly key: string; readonly size: number; readonly changed: Date | undefined }
export type Listing = { readonly files: readonly StoredFile[]; readonly more: boolean }
export type Download = { readonly body: Readable; readonly size: number | undefined }

export type Files = {
  /** What keys of this user begin with. */
  readonly prefix: string
  readonly list: () => Promise<Listing>
  readonly put: (key: string, bytes: Uint8Array) => Promise<void>
  readonly get: (key: string) => Promise<Download>
  readonly close: () => void
}

const MOST_LISTED = 200

/** A client of its own for every request: no user's credentials lie where another's request could take them. */
export function openFiles({ bucket, region, pathStyle }: Config, { user, credentials }: UserCredentials): Files {
  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    credentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const prefix = `${user}/`
  return {
    prefix,
    list: () =>
      explained(async () => {
        const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: MOST_LISTED })
        const { Contents = [], IsTruncated = false } = await client.send(command)
        const files = Contents.map(({ Key = '', Size = 0, LastModified }) => ({
          key: Key,
          size: Size,
          changed: LastModified,
        }))
        return { files, more: IsTruncated }
      }),
    put: (key, bytes) =>
      explained(async () => {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
      }),
    get: (key) =>
      explained(async () => {
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        // In Node the SDK answers with a stream of Node.
        return { body: Body as Readable, size: ContentLength }
      }),
    close: () => client.destroy(),
  }
}

async function explained<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const status = error instanceof Error && '$metadata' in error ? statusOf(error.$metadata) : undefined
    if (status === undefined) throw new Refusal('app', 'StorageUnreachable', 502)
    // A redirect to another region's S3 is no answer for a browser.
    const told = status >= 400 && status < 500 ? status : 502
    throw new Refusal('S3', error instanceof S3ServiceException ? error.name : 'Unknown', told)
  }
}

const statusOf = (metadata: unknown): number | undefined =>
  (metadata as S3ServiceException['$metadata'] | undefined)?.httpStatusCode
