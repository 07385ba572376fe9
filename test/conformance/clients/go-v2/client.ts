import type { Client, Place, Prepared } from '../../client.ts'
import { buildGo, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'go-v2',
  title: 'AWS SDK for Go v2',
  protocols: ['container', 'imds'],
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'go.mod', /aws-sdk-go-v2 v(\S+)/)
  const program = await buildGo(place)
  return { version, command: [program], trust: (caFile) => ({ SSL_CERT_FILE: caFile }) }
}
