import { join } from 'node:path'
import type { Client } from '../../client.ts'
import { installPython } from '../../toolchains.ts'

export const client: Client = {
  name: 'aws-cli',
  title: 'AWS CLI v1',
  protocols: ['container', 'imds'],
  note: 'a new process for each call',
  prepare: async (place) => {
    const { version, bin } = await installPython(place, 'awscli')
    return {
      version,
      command: [join(bin, 'python'), join(place.source, 'main.py'), join(bin, 'aws')],
      trust: (caFile) => ({ AWS_CA_BUNDLE: caFile }),
    }
  },
}
