import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { expect, test } from 'vitest'
import { authenticationOf } from '../../../src/kubernetes/authenticate.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'

test('a login of the library’s own is asked for once by all who wait, and anew when it has had its two minutes', async () => {
  let begun = 0
  const config = {
    authenticators: [],
    getCurrentUser: () => ({ name: 'me', authProvider: { name: 'oidc', config: {} } }),
    applyToHTTPSOptions: () => {
      begun += 1
      return begun < 2 ? new Promise<void>(() => {}) : Promise.resolve()
    },
  }
  const clock = createVirtualClock()
  const { prove, plugin } = authenticationOf(config as unknown as KubeConfig, clock, new AbortController().signal)
  expect(plugin).toBe('oidc')
  for (const each of [new AbortController(), new AbortController()]) {
    const waiting = prove(each.signal)
    each.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ClusterConfigurationMissing' })
  }
  expect(begun).toBe(1)
  const patient = prove(new AbortController().signal)
  await Promise.all([expect(patient).rejects.toThrow('the plugin "oidc"'), clock.advance(120_000)])
  expect(await prove(new AbortController().signal)).toEqual({ rejectUnauthorized: true })
  expect(begun).toBe(2)
})

test.each([
  [{ name: 'tokenFile' }, undefined],
  [{ name: 5 }, undefined],
  ['oidc', undefined],
  [{ name: 'exec', config: { exec: { command: 'login' } } }, 'login'],
  [{ name: 'gcp', config: null }, 'gcp'],
])('the plugin of the auth-provider %j is %s', (authProvider, expected) => {
  const config = { authenticators: [], getCurrentUser: () => ({ name: 'me', authProvider }) }
  const { plugin } = authenticationOf(
    config as unknown as KubeConfig,
    createVirtualClock(),
    new AbortController().signal,
  )
  expect(plugin).toBe(expected)
})
