import type { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import { expect, test } from 'vitest'
import { authenticationOf } from '../../../src/kubernetes/authenticate.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'

test('what has no end of its own is begun anew by whoever asks after the one that gave it up', async () => {
  let begun = 0
  const config: Pick<KubeConfig, 'getCurrentUser' | 'applyToHTTPSOptions'> = {
    getCurrentUser: () => null,
    applyToHTTPSOptions: () => {
      begun += 1
      return begun < 3 ? new Promise(() => {}) : Promise.resolve()
    },
  }
  const clock = createVirtualClock()
  const { prove, plugin } = authenticationOf(config as KubeConfig, clock, new AbortController().signal)
  expect(plugin).toBeUndefined()
  const [first, second] = [new AbortController(), new AbortController()]
  for (const each of [first, second]) {
    const waiting = prove(each.signal)
    each.abort(new Error('too late'))
    await expect(waiting).rejects.toThrow('too late')
  }
  expect(begun).toBe(2)
  expect(await prove(new AbortController().signal)).toEqual({ rejectUnauthorized: true })
  expect(begun).toBe(3)
})
