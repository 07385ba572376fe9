import type { Client } from '../../client.ts'
import { installBotocore } from '../../toolchains.ts'

export const client: Client = {
  name: 'aiobotocore',
  title: 'Python: aiobotocore',
  protocols: ['container', 'imds'],
  lazyWithImds: true,
  prepare: (place) => installBotocore(place, { package: 'aiobotocore' }),
}
