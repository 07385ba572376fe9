import { join } from 'node:path'
import type { Client } from '../../client.ts'
import { debianVersion } from '../../toolchains.ts'

export const client: Client = {
  name: 'aws-cli-debian',
  title: 'AWS CLI v2, of Debian 12',
  protocols: ['imds'],
  note: 'older than 2.15.0, the first version that reads the token file; a new process for each call',
  prepare: async (place) => ({
    version: await debianVersion(place, 'awscli'),
    command: ['/usr/bin/python3', join(place.source, '../aws-cli/main.py'), '/usr/bin/aws'],
    trust: (caFile) => ({ AWS_CA_BUNDLE: caFile }),
  }),
}
