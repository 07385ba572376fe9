import type { Client } from '../../client.ts'
import { installNode } from '../../toolchains.ts'

export const client: Client = {
  name: 'js-v3',
  title: 'AWS SDK for JavaScript v3',
  protocols: ['container', 'imds'],
  prepare: (place) => installNode(place, { package: '@aws-sdk/client-sts' }),
}
