import { describe, expect, it } from 'vitest'
import { dialects } from '../../../src/testbed/sts/dialects.ts'
import { createFaultPlan, failureOf } from '../../../src/testbed/sts/faults.ts'
import { knowRole } from '../../../src/testbed/sts/identifiers.ts'
import { createRequestLog } from '../../../src/testbed/sts/requestLog.ts'
import { createSessionStore } from '../../../src/testbed/sts/sessions.ts'
import { toTokenRequest } from '../../../src/testbed/tokenRequests.ts'

const owner = { accountId: '111122223333', partition: 'aws', dialect: dialects.aws }
const trustPolicy = { Statement: [] }

describe('fault plan', () => {
  it('uses up what is queued, in order, then what is set', () => {
    const plan = createFaultPlan()
    plan.set({ kind: 'unavailable' })
    plan.next(2, { kind: 'reset' })
    plan.next(1, { kind: 'throttling' })
    const kinds = [1, 2, 3, 4, 5].map(() => plan.take('A')?.kind)
    expect(kinds).toEqual(['reset', 'reset', 'throttling', 'unavailable', 'unavailable'])
    plan.next(1, { kind: 'hang' })
    plan.clear()
    expect(plan.take('A')).toBeUndefined()
  })

  it('hits only the action that it is for', () => {
    const plan = createFaultPlan()
    plan.set({ kind: 'unavailable', action: 'A' })
    plan.next(1, { kind: 'reset', action: 'B' })
    expect(plan.take('C')).toBeUndefined()
    expect(plan.take('A')?.kind).toBe('unavailable')
    expect(plan.take('B')?.kind).toBe('reset')
    expect(plan.take('B')).toBeUndefined()
  })

  it('lists what is to come, without what is used up', () => {
    const plan = createFaultPlan()
    expect(plan.list()).toEqual({ lasting: undefined, next: [] })
    plan.set({ kind: 'hang' })
    plan.next(0, { kind: 'throttling' })
    plan.next(2, { kind: 'reset' })
    plan.take('A')
    expect(plan.list()).toEqual({ lasting: { kind: 'hang' }, next: [{ count: 1, fault: { kind: 'reset' } }] })
  })

  it('ignores a count of nothing', () => {
    const plan = createFaultPlan()
    plan.next(0, { kind: 'reset' })
    expect(plan.take('A')).toBeUndefined()
  })

  it('has no failure for faults of the connection', () => {
    expect(failureOf({ kind: 'hang' })).toBeUndefined()
    expect(failureOf(undefined)).toBeUndefined()
    expect(failureOf({ kind: 'failure', code: 'X', message: 'y' })).toMatchObject({ code: 'X', status: 400 })
  })
})

describe('request log', () => {
  it('keeps the newest', () => {
    const log = createRequestLog({ limit: 2 })
    for (const requestId of ['a', 'b', 'c']) {
      log.add({ time: 0, action: 'A', code: 'Success', status: 200, role: undefined, requestId, facts: {} })
    }
    expect(log.records.map((record) => record.requestId)).toEqual(['b', 'c'])
  })

  it('tells whoever wants all of them of each', () => {
    const told: string[] = []
    const log = createRequestLog({ onRequest: ({ requestId }) => told.push(requestId) })
    for (const requestId of ['a', 'b']) {
      log.add({ time: 0, action: 'A', code: 'Success', status: 200, role: undefined, requestId, facts: {} })
    }
    expect(told).toEqual(['a', 'b'])
  })

  it('tells everyone who waits of the next one, once', async () => {
    const log = createRequestLog()
    const record = { time: 0, action: 'A', code: 'Success', status: 200, role: undefined, requestId: 'a', facts: {} }
    const waiting = [log.next(), log.next()]
    log.add(record)
    log.add({ ...record, requestId: 'b' })
    expect(await Promise.all(waiting)).toEqual([record, record])
  })
})

describe('sessions', () => {
  const role = knowRole(owner, { name: 'web', trustPolicy })

  it('have credentials in the shapes of AWS', () => {
    const store = createSessionStore()
    const session = store.issue({ role, name: 'x', expiration: 0 })
    expect(session.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/)
    expect(session.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/)
    expect(session.sessionToken).toMatch(/^[A-Za-z0-9+/]{400,}={0,2}$/)
    expect(store.find(session.accessKeyId)).toBe(session)
    expect(store.find('ASIAAAAAAAAAAAAAAAAA')).toBeUndefined()
  })

  it('are forgotten when there are too many, the oldest first', () => {
    const store = createSessionStore(2)
    const issued = ['a', 'b', 'c'].map((name) => store.issue({ role, name, expiration: 0 }))
    expect(issued.map(({ accessKeyId }) => store.find(accessKeyId)?.name)).toEqual([undefined, 'b', 'c'])
  })
})

describe('knowRole', () => {
  it('fills in what IAM would', () => {
    const role = knowRole(owner, { name: 'web', path: '/shop/front/', trustPolicy })
    expect(role).toMatchObject({ arn: 'arn:aws:iam::111122223333:role/shop/front/web', maxSessionDuration: 3600 })
    expect(role.id).toMatch(/^AROA[A-Z2-7]{17}$/)
    expect(knowRole(owner, { name: 'web', trustPolicy }).id).not.toBe(role.id)
  })

  it.each([
    [{ name: 'a b' }, 'role a b: the name must be'],
    [{ name: '' }, 'the name must be'],
    [{ name: 'web', path: 'shop/' }, 'path shop/ must begin and end with a slash'],
    [{ name: 'web', path: '/shop' }, 'path /shop must begin and end with a slash'],
    [{ name: 'web', maxSessionDuration: 3599 }, 'maxSessionDuration must be 3600 to 43200 seconds'],
    [{ name: 'web', maxSessionDuration: 43_201 }, 'maxSessionDuration must be 3600 to 43200 seconds'],
    [{ name: 'web', maxSessionDuration: 3600.5 }, 'maxSessionDuration must be 3600 to 43200 seconds'],
  ])('refuses %j', (role, message) => {
    expect(() => knowRole(owner, { trustPolicy, ...role })).toThrow(message)
  })
})

describe('toTokenRequest', () => {
  const base = { namespace: 'shop', serviceAccount: 'web', audience: 'a', expiresIn: 60 }

  it('has the claims of a bound token, with the same uid for the same object', () => {
    const uid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    const request = toTokenRequest({ ...base, pod: 'web-0', node: 'n1' })
    expect(request).toEqual({
      sub: 'system:serviceaccount:shop:web',
      audience: ['a'],
      expiresIn: 60,
      claims: {
        'kubernetes.io': {
          namespace: 'shop',
          node: { name: 'n1', uid },
          pod: { name: 'web-0', uid },
          serviceaccount: { name: 'web', uid },
        },
      },
    })
    expect(toTokenRequest({ ...base, pod: 'web-0', node: 'n1' })).toEqual(request)
  })

  it('names no pod where there is none', () => {
    const { claims } = toTokenRequest({ ...base, audience: ['a', 'b'] })
    expect(Object.keys(claims?.['kubernetes.io'] as object)).toEqual(['namespace', 'serviceaccount'])
  })
})
