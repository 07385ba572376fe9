import type { Client, Place, Prepared } from '../../client.ts'
import { buildRust, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'object-store',
  title: 'object_store (Rust)',
  protocols: ['container', 'imds'],
  note: 'It takes the token from a file only, and reads `AWS_METADATA_ENDPOINT` for the address of IMDS.',
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'Cargo.toml', /object_store = { version = "=([^"]+)"/)
  const program = await buildRust(place)
  return { version, command: [program], trust: (caFile) => ({ SSL_CERT_FILE: caFile }) }
}
