import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startIssuer, startSts, trustPolicy } from '../../../src/testbed/index.ts'
import { accountId, createClock, startWorld, type World } from './support.ts'

const clock = createClock()
let world: World
beforeAll(async () => {
  world = await startWorld(clock)
})
afterAll(() => world.stop())

describe('startSts refuses what no account could have', () => {
  const good = trustPolicy({ issuer: 'https://x.test', accountId, namespace: 'a', serviceAccount: 'b' })
  const role = { name: 'web', trustPolicy: good }

  it.each([
    [{ accountId: '123' }, 'accountId: 123 is not twelve digits'],
    [{ roles: [role, { ...role, path: '/x/' }] }, 'role web: is there twice'],
    [{ roles: [{ ...role, trustPolicy: { Statement: [] } }] }, 'malformed policy'],
    [{ providers: [{ url: 'http://x.test', clientIds: ['a'] }] }, 'must begin with https://'],
    [{ providers: [{ url: 'https://x.test', clientIds: [] }] }, 'clientIds is empty'],
  ])('%j', async (change, message) => {
    const options = { ca: world.ca, now: clock.now, accountId, providers: [], roles: [role], ...change }
    await expect(startSts(options)).rejects.toThrow(message)
  })

  it('and a port that is taken', async () => {
    const port = Number(new URL(world.sts.url).port)
    const options = { ca: world.ca, now: clock.now, accountId, providers: [], roles: [role], port }
    await expect(startSts(options)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(startIssuer({ ca: world.ca, now: clock.now, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
