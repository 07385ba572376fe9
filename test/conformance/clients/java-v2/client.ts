import type { Client, Place, Prepared } from '../../client.ts'
import { buildJava, readPin } from '../../toolchainsCompiled.ts'

export const client: Client = {
  name: 'java-v2',
  title: 'AWS SDK for Java v2',
  protocols: ['container', 'imds'],
  prepare,
}

async function prepare(place: Place): Promise<Prepared> {
  const version = await readPin(place, 'pom.xml', /<sdk.version>(.*)<\/sdk.version>/)
  return { version, command: await buildJava(place, 'Main.java'), trust: () => ({}) }
}
