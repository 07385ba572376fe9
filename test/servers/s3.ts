import { Agent } from 'node:https'
import { S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Keys } from './reach.ts'

type Target = { readonly endpoint: string; readonly ca: string; readonly keys: Keys }

/** S3 by path, as servers without a domain of their own have it. */
export const createS3 = ({ endpoint, ca, keys }: Target): S3Client =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: keys,
    requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca }) }),
  })
