import type { Client } from '../../client.ts'
import { installBotocore } from '../../toolchains.ts'

export const client: Client = {
  name: 'boto3',
  title: 'Python: boto3',
  protocols: ['container', 'imds'],
  lazyWithImds: true,
  prepare: (place) => installBotocore(place, { package: 'boto3' }),
}
