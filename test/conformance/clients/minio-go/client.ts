import type { Client, Place, Prepared } from '../../client.ts'
import { buildGo, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'minio-go',
  title: 'minio-go',
  protocols: ['container', 'imds'],
  note: 'It reads no variable for the address of IMDS: the app hands it to `credentials.NewIAM`.',
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'go.mod', /minio-go\/v7 v(\S+)/)
  const program = await buildGo(place)
  return { version, command: [program], trust: (caFile) => ({ SSL_CERT_FILE: caFile }) }
}
