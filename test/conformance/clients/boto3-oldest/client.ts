import type { Client } from '../../client.ts'
import { installBotocore } from '../../toolchains.ts'

export const client: Client = {
  name: 'boto3-oldest',
  title: 'Python: boto3, oldest',
  protocols: ['container', 'imds'],
  lazyWithImds: true,
  note: 'the first version that reads the token file',
  prepare: (place) => installBotocore(place, { package: 'boto3', program: '../boto3/main.py' }),
}
