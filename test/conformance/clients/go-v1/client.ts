import type { Client, Place, Prepared } from '../../client.ts'
import { buildGo, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'go-v1',
  title: 'AWS SDK for Go v1',
  protocols: ['container', 'imds'],
  note: 'It says only "no valid providers in chain", whatever the endpoint answered.',
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'go.mod', /aws-sdk-go v(\S+)/)
  const program = await buildGo(place)
  return { version, command: [program], trust: (caFile) => ({ SSL_CERT_FILE: caFile }) }
}
