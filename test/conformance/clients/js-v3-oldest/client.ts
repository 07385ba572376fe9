import type { Client } from '../../client.ts'
import { installNode } from '../../toolchains.ts'

export const client: Client = {
  name: 'js-v3-oldest',
  title: 'AWS SDK for JavaScript v3, oldest',
  protocols: ['container', 'imds'],
  note: 'the first version whose default chain reads the token file',
  prepare: (place) => installNode(place, { package: '@aws-sdk/client-sts', program: '../js-v3/main.mjs' }),
}
