import { describe, expect, test } from 'vitest'
import { liveLookup, readConfigMap } from '../../../src/kubernetes/index.ts'
import { failureOf, startWorld } from './support.ts'

const place = { namespace: 'lanyard-system', name: 'lanyard-webhook' }
const path = '/api/v1/namespaces/lanyard-system/configmaps/lanyard-webhook'

describe('readConfigMap', () => {
  test('one text of it', async () => {
    const { server, cluster } = await startWorld()
    server.put(path, { data: { 'config.yaml': 'a: 1', other: '' } })
    expect(await readConfigMap(cluster, { ...place, key: 'config.yaml' })).toBe('a: 1')
    expect(await readConfigMap(cluster, { ...place, key: 'other' })).toBe('')
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${path}`, `GET ${path}`])
  })

  test.each([[{ data: { a: '' } }], [{ data: null }], [{}], [{ data: { 'config.yaml': 1 } }], [{ data: 'x' }]])(
    'none in %j',
    async (content) => {
      const { server, cluster } = await startWorld()
      server.put(path, content)
      const failure = await failureOf(readConfigMap(cluster, { ...place, key: 'config.yaml' }))
      const message = 'ClusterAnswerInvalid: ConfigMap lanyard-system/lanyard-webhook: get: it has no config.yaml. '
      expect(failure.message).toContain(message)
    },
  )

  test('what is not there', async () => {
    const { cluster } = await startWorld()
    expect(await failureOf(readConfigMap(cluster, { ...place, key: 'toString' }))).toMatchObject({
      code: 'ClusterObjectMissing',
    })
  })
})

test('liveLookup asks each time, for what can be a name', async () => {
  const { server, cluster } = await startWorld()
  const lookup = liveLookup(cluster)
  server.annotate('/api/v1/namespaces/shop', { 'lanyard.dev/region': 'eu-west-1' })
  expect(await lookup.namespace('shop', false)).toEqual({ 'lanyard.dev/region': 'eu-west-1' })
  expect(await lookup.serviceAccount('shop', 'web')).toEqual({})
  server.annotate('/api/v1/namespaces/shop/serviceaccounts/web', { 'lanyard.dev/mode': 'direct' })
  expect(await lookup.serviceAccount('shop', 'web')).toEqual({ 'lanyard.dev/mode': 'direct' })
  const asked = server.seen.length
  for (const name of ['..', '', 'A', 'a/b']) {
    expect(await lookup.namespace(name, false)).toEqual({})
    expect(await lookup.serviceAccount('shop', name)).toEqual({})
    expect(await lookup.serviceAccount(name, 'web')).toEqual({})
  }
  expect([asked, server.seen.length]).toEqual([3, 3])
})
