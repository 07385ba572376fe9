/**
 * The app of the demo: an unmodified AWS SDK, told nothing by this program. It finds its credentials and STS by the
 * container's variables, as it would in a pod.
 */
import { writeSync } from 'node:fs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const client = new STSClient({})
const { Arn } = await client.send(new GetCallerIdentityCommand({}))
const { accessKeyId, expiration } = await client.config.credentials()
writeSync(1, `${JSON.stringify({ arn: Arn, accessKeyId, expiration })}\n`)
