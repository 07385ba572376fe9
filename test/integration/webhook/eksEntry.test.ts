import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import type { Annotations } from '../../../src/injection/index.ts'
import { admitPods, type Lookup } from '../../../src/webhook/index.ts'
import { gen, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { review, uid } from '../../unit/webhook/reviews.ts'
import { start } from './plainServer.ts'

const ground = { config: gen.config({ 'compatibility.eks': true }), version: '0.1.0' }
const told = (annotations: Annotations): Lookup => ({
  serviceAccount: () => Promise.resolve(annotations),
  namespace: () => Promise.resolve({}),
})
const annotated = told({ 'eks.amazonaws.com/role-arn': ROLE })
const forbidden: Lookup = {
  ...annotated,
  namespace: () => Promise.resolve({ 'lanyard.dev/permitted-roles': OTHER_ROLE }),
}
const failing: Lookup = {
  serviceAccount: () => Promise.reject(new Failure({ code: 'ClusterUnreachable', message: 'status 503' })),
  namespace: () => Promise.resolve({}),
}
const silent = JSON.stringify(review({ object: gen.pod({}, { serviceAccountName: 'web' }) }))
const responseOf = (json: Record<string, unknown>) => json['response'] as Record<string, unknown>
const patchOf = (json: Record<string, unknown>): unknown =>
  JSON.parse(Buffer.from(String(responseOf(json)['patch']), 'base64').toString())

describe('the entry for annotations of EKS', () => {
  test('answers by them, and the other entry does not', async () => {
    const { call, metrics } = await start(admitPods(ground, annotated))
    const eks = await call({ path: '/mutate/eks?timeout=5s', body: silent })
    expect(eks.status).toBe(200)
    expect(JSON.stringify(patchOf(eks.json()))).toContain('aws-iam-token')
    expect(responseOf(eks.json())).toMatchObject({ uid, allowed: true, auditAnnotations: { role: ROLE } })
    const own = await call({ body: silent })
    expect(responseOf(own.json())).toEqual({
      uid,
      allowed: true,
      auditAnnotations: { outcome: 'skip', reason: 'NotRequested' },
    })
    expect(metrics.counted.map(([outcome, reason]) => [outcome, reason])).toEqual([
      ['inject', 'Patched'],
      ['skip', 'NotRequested'],
    ])
  })

  test('refuses as the other does', async () => {
    const { call } = await start(admitPods(ground, forbidden))
    const reply = await call({ path: '/mutate/eks', body: silent })
    expect(reply.status).toBe(200)
    expect(responseOf(reply.json())).toMatchObject({ allowed: false, status: { code: 403 } })
  })

  test.each(['/mutate/eks/', '/mutate/EKS', '/mutate/', '/mutate/other', '/eks'])('is not at %s', async (path) => {
    const { call } = await start(admitPods(ground, annotated))
    expect((await call({ path, body: silent })).status).toBe(404)
  })

  test.each([
    [{ method: 'GET' }, 405],
    [{ headers: { 'content-type': 'text/plain' } }, 415],
    [{ body: '{' }, 400],
    [{ body: JSON.stringify(review({ uid: 7 })) }, 400],
  ])('refuses what is no review: %j', async (changes, status) => {
    const { call } = await start(admitPods(ground, annotated))
    expect((await call({ path: '/mutate/eks', ...changes })).status).toBe(status)
  })
})

describe('where the account cannot be read', () => {
  test('the entry answers HTTP 500, so that its failurePolicy says what becomes of the pod', async () => {
    const { call, log, metrics } = await start(admitPods(ground, failing))
    const reply = await call({ path: '/mutate/eks', body: silent })
    expect(reply.status).toBe(500)
    expect(reply.text).not.toContain('503')
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { uid, outcome: 'error', reasons: ['ClusterUnreachable'] } },
    ])
    expect(metrics.counted.map(([outcome, reason]) => [outcome, reason])).toEqual([['error', 'ClusterUnreachable']])
  })

  test('the other entry refuses the pod in a review that says why', async () => {
    const { call, log } = await start(admitPods(ground, failing))
    const reply = await call({ body: silent })
    expect(reply.status).toBe(200)
    const { status, allowed } = responseOf(reply.json())
    expect(allowed).toBe(false)
    expect((status as { message: string }).message).toContain('SourceUnreadable: ClusterUnreachable: status 503')
    expect(log.lines).toMatchObject([{ level: 'info', fields: { outcome: 'deny', reasons: ['SourceUnreadable'] } }])
  })

  test('a defect refuses the pod there, and is HTTP 500 at the entry of EKS', async () => {
    const { call, log } = await start(() => Promise.reject(new TypeError('canary')))
    const [own, eks] = [await call({ body: silent }), await call({ path: '/mutate/eks', body: silent })]
    expect([own.status, eks.status]).toEqual([200, 500])
    expect(responseOf(own.json())).toMatchObject({ allowed: false, status: { code: 500 } })
    expect(`${own.text}${eks.text}`).not.toContain('canary')
    expect(log.lines.map(({ level }) => level)).toEqual(['error', 'error'])
  })
})
