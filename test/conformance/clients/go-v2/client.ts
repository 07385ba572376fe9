import type { Client, Place, Prepared } from '../../client.ts'
import { buildGo, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'go-v2',
  title: 'AWS SDK for Go v2',
  protocols: ['container', 'imds'],
  noLoopWithImds: true,
  note: 'With IMDS it asks again 5 minutes before the end; sessions of under 15 minutes, as a loop would need, it uses to the very end.',
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'go.mod', /aws-sdk-go-v2 v(\S+)/)
  const program = await buildGo(place)
  return { version, command: [program], trust: (caFile) => ({ SSL_CERT_FILE: caFile }) }
}
