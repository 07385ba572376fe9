import type { Client, Place, Prepared } from '../../client.ts'
import { buildRust, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'rust',
  title: 'AWS SDK for Rust',
  protocols: ['container', 'imds'],
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'Cargo.toml', /aws-config = { version = "=([^"]+)"/)
  const program = await buildRust(place)
  return { version, command: [program], trust: (caFile) => ({ SSL_CERT_FILE: caFile }) }
}
