import { describe, expect, test } from 'vitest'
import type { Admit } from '../../../src/webhook/index.ts'
import { pod, review, uid } from '../../unit/webhook/reviews.ts'
import { patching, start } from './plainServer.ts'

const canary = 'CANARY-d41d'

const responseIn = (json: Record<string, unknown>) => json['response'] as Record<string, unknown>

describe('a review', () => {
  test('is answered with the patch, the warnings and the audit annotations', async () => {
    const { call } = await start()
    const reply = await call()
    expect(reply.status).toBe(200)
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8')
    const { patch, ...rest } = responseIn(reply.json())
    expect(JSON.parse(Buffer.from(String(patch), 'base64').toString())).toEqual([
      { op: 'add', path: '/metadata/labels', value: { done: 'yes' } },
    ])
    expect(rest).toMatchObject({ uid, allowed: true, patchType: 'JSONPatch', warnings: ['envFrom is not looked into'] })
  })

  test('is decided on the object and the namespace of the request', async () => {
    const seen: unknown[] = []
    const { call } = await start((object, request) => {
      seen.push(object, request)
      return { kind: 'skip', reason: 'NotRequested', warnings: [] }
    })
    await call()
    expect(seen).toEqual([pod(), { namespace: 'shop', entry: 'lanyard' }])
  })

  test('the query that the API server adds, and a charset, change nothing', async () => {
    const { call } = await start()
    const reply = await call({
      path: '/mutate?timeout=5s',
      headers: { 'content-type': 'Application/JSON; charset=utf-8' },
    })
    expect(reply.status).toBe(200)
  })

  test('that is not the creation of a pod is let through undecided', async () => {
    const { call, metrics } = await start(() => {
      throw new Error('must not be asked')
    })
    const reply = await call({ body: JSON.stringify(review({ operation: 'DELETE', object: null })) })
    expect(responseIn(reply.json())).toEqual({
      uid,
      allowed: true,
      auditAnnotations: { outcome: 'skip', reason: 'NotAPodCreation' },
    })
    expect(metrics.counted).toEqual([['skip', 'NotAPodCreation', 0.002]])
  })

  test('in a dry run is answered just the same, and the log says so', async () => {
    const { call, log } = await start()
    const [wet, dry] = [await call(), await call({ body: JSON.stringify(review({ dryRun: true })) })]
    expect(dry.text).toBe(wet.text)
    expect(log.lines.map(({ fields }) => fields['dryRun'])).toEqual([false, true])
  })

  test('no header tells what answers', async () => {
    const { call } = await start()
    const { headers } = await call()
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('etag')
  })
})

describe('the log', () => {
  test('has one line per review, exactly this', async () => {
    const { call, log, metrics } = await start()
    await call()
    expect(log.lines).toEqual([
      {
        level: 'info',
        event: 'admission review answered',
        fields: {
          uid,
          namespace: 'shop',
          generateName: 'web-5d4f-',
          operation: 'CREATE',
          dryRun: false,
          outcome: 'inject',
          reasons: ['Patched'],
          warnings: 1,
          patchOperations: 1,
          seconds: 0.002,
        },
      },
    ])
    expect(metrics.counted).toEqual([['inject', 'Patched', 0.002]])
  })

  test('names every code of a denial once, and the metric the first', async () => {
    const { call, log, metrics } = await start(() => ({
      kind: 'deny',
      problems: [
        { code: 'PortTaken', message: 'a' },
        { code: 'RoleMissing', message: 'b' },
        { code: 'PortTaken', message: 'c' },
      ],
      warnings: [],
    }))
    const reply = await call({ body: JSON.stringify(review({ name: 'web-0' })) })
    expect(responseIn(reply.json())).toMatchObject({ allowed: false, status: { code: 403, reason: 'Forbidden' } })
    expect(log.lines[0]?.fields).toMatchObject({
      name: 'web-0',
      outcome: 'deny',
      reasons: ['PortTaken', 'RoleMissing'],
    })
    expect(log.lines[0]?.fields).not.toHaveProperty('generateName')
    expect(metrics.counted.map(([outcome, reason]) => [outcome, reason])).toEqual([['deny', 'PortTaken']])
  })

  test('tells a pod that was already as it should be', async () => {
    const { call, metrics } = await start(() => ({ kind: 'inject', patch: [], warnings: [], audit: {} }))
    const reply = await call()
    expect(responseIn(reply.json())).not.toHaveProperty('patchType')
    expect(metrics.counted[0]?.slice(0, 2)).toEqual(['inject', 'Unchanged'])
  })

  test('never holds anything of the pod, whatever happens to it', async () => {
    const object = pod({
      metadata: { annotations: { 'lanyard.dev/role-arn': canary, other: canary }, labels: { a: canary } },
      spec: { containers: [{ name: 'app', env: [{ name: 'A', value: canary }], args: [canary] }] },
    })
    const failing: Admit = (it) => {
      throw new Error(JSON.stringify(it))
    }
    for (const admit of [patching, failing]) {
      const { call, log } = await start(admit)
      const replies = [
        await call({
          body: JSON.stringify(review({ object, userInfo: { username: canary, extra: { token: [canary] } } })),
        }),
        await call({ body: JSON.stringify(review({ object, uid: 7 })) }),
        await call({ body: JSON.stringify(review({ object })).slice(0, -3) }),
      ]
      expect(JSON.stringify(log.lines)).not.toContain(canary)
      expect(replies.map(({ text }) => text).join()).not.toContain(canary)
      expect(log.lines).toHaveLength(3)
    }
  })
})

describe('a failure to decide', () => {
  const failures: Record<string, Admit> = {
    'an exception': () => {
      throw new TypeError(canary)
    },
    'something else thrown': () => {
      throw undefined
    },
    'endless recursion': function forever(it, request): ReturnType<Admit> {
      return { ...forever(it, request) }
    },
    'a promise': (() => Promise.resolve()) as unknown as Admit,
    nothing: (() => undefined) as unknown as Admit,
    'a patch that is no JSON': () => ({
      kind: 'inject',
      patch: [{ op: 'add', path: '/x', value: 1n }],
      warnings: [],
      audit: {},
    }),
  }

  test.each(Object.entries(failures))('%s refuses the pod, and the next review is answered', async (_what, admit) => {
    let failing = true
    const { call, log, metrics } = await start((...args) => (failing ? admit : patching)(...args))
    const reply = await call()
    expect(reply.status).toBe(200)
    expect(responseIn(reply.json())).toMatchObject({
      uid,
      allowed: false,
      status: { code: 500, reason: 'InternalError' },
    })
    expect(reply.text).not.toContain(canary)
    expect(log.lines[0]).toMatchObject({ level: 'error', fields: { uid, outcome: 'error', reasons: ['Internal'] } })
    expect(log.lines[0]?.fields['error']).toMatchObject({ code: 'Internal' })
    expect(metrics.counted.map(([outcome, reason]) => [outcome, reason])).toEqual([['error', 'Internal']])
    failing = false
    expect(responseIn((await call()).json())['allowed']).toBe(true)
  })
})

test('hostile names are bounded in the log', async () => {
  const { call, log } = await start(patching, { maxBodyBytes: 5_000_000 })
  const object = pod({ metadata: { generateName: `\r\n\u001b[31m${'x'.repeat(2_000_000)}` } })
  expect((await call({ body: JSON.stringify(review({ object })) })).status).toBe(200)
  expect(String(log.lines[0]?.fields['generateName'])).toMatch(/^ {3}\[31mx+…$/)
  expect(JSON.stringify(log.lines).length).toBeLessThan(1_000)
})

test('when the log itself fails, the review has been answered and the process lives', async () => {
  const { call, log } = await start()
  const info = (): never => {
    throw new Error('disk full')
  }
  Object.assign(log, { info })
  expect((await call()).status).toBe(200)
  expect((await call()).status).toBe(200)
})
