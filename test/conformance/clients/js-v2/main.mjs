/** One client, and a call by it for each line of standard input. Arguments: the URL of STS, its authority. */
import { createInterface } from 'node:readline'
import AWS from 'aws-sdk'

const sts = new AWS.STS({ endpoint: process.argv[2] })

async function call() {
  try {
    const { Arn: arn } = await sts.getCallerIdentity().promise()
    return { arn }
  } catch ({ name, message }) {
    return { error: `${name}: ${message}`.replaceAll(/\s+/g, ' ').slice(0, 2000) }
  }
}

for await (const _ of createInterface({ input: process.stdin })) console.log(JSON.stringify(await call()))
