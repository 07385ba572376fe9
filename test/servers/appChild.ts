/**
 * An app of the pod: AWS's S3 client as its users have it, which finds its credentials by the variables that the webhook
 * injects. Arguments: the endpoint, then one operation as JSON after another; a line of JSON for each on standard output.
 */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Operation, Outcome } from './app.ts'

const [endpoint = '', ...operations] = process.argv.slice(2)
const s3 = new S3Client({ endpoint, forcePathStyle: true, maxAttempts: 1 })

async function perform({ kind, bucket, key, text }: Operation): Promise<Outcome> {
  const object = { Bucket: bucket, Key: key }
  try {
    if (kind === 'put') {
      await s3.send(new PutObjectCommand({ ...object, Body: text ?? '' }))
      return { text: '' }
    }
    const { Body } = await s3.send(new GetObjectCommand(object))
    return { text: (await Body?.transformToString()) ?? '' }
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

for (const operation of operations) console.log(JSON.stringify(await perform(JSON.parse(operation))))
