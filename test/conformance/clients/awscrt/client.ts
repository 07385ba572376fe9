import { join } from 'node:path'
import type { Client } from '../../client.ts'
import { installPython } from '../../toolchains.ts'

export const client: Client = {
  name: 'awscrt',
  title: 'AWS Common Runtime, by its Python binding',
  protocols: ['container', 'imds'],
  prepare: async (place) => {
    const { version, bin } = await installPython(place, 'awscrt')
    return { version, command: [join(bin, 'python'), join(place.source, 'main.py')], trust: () => ({}) }
  },
}
