/**
 * The app of the demo and of the examples: an unmodified AWS SDK, told nothing by this program. It finds its credentials and
 * STS by the container's variables, as it would in a pod.
 */
import { writeSync } from 'node:fs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

async function main(): Promise<void> {
  const client = new STSClient({})
  const { Arn } = await client.send(new GetCallerIdentityCommand({}))
  const { accessKeyId, expiration } = await client.config.credentials()
  writeSync(1, `${JSON.stringify({ arn: Arn, accessKeyId, expiration })}\n`)
}

// Not at the top level, where the bundle of an image cannot await; a failure ends the process with 1 all the same.
void main()
