import type { Client } from '../../client.ts'
import { installNode } from '../../toolchains.ts'

export const client: Client = {
  name: 'js-v2',
  title: 'AWS SDK for JavaScript v2',
  protocols: ['container', 'imds'],
  prepare: (place) => installNode(place, { package: 'aws-sdk' }),
}
