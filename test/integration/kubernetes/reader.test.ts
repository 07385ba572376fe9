import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { clusterReader } from '../../../src/kubernetes/index.ts'
import { canary } from './apiServer.ts'
import type { Fault } from './faults.ts'
import { failureOf, startWorld } from './support.ts'

const pods = { path: '/api/v1/namespaces/shop/pods', title: 'Pods of shop' }
const pod = { path: `${pods.path}/web`, title: 'Pod shop/web' }

const answer =
  (status: number, text: string): Fault =>
  (_, response: ServerResponse) => {
    response.statusCode = status
    response.end(text)
  }
const json = (status: number, value: unknown): Fault => answer(status, JSON.stringify(value))

async function startReader() {
  const world = await startWorld()
  return { ...world, reader: clusterReader(world.cluster) }
}

describe('what a command asks of a cluster', () => {
  test('an object, or that there is none', async () => {
    const { server, reader } = await startReader()
    server.fail(json(200, { kind: 'Pod' }), json(404, { kind: 'Status', message: 'not found' }), json(404, {}))
    expect(await reader.get(pod)).toEqual({ kind: 'Pod' })
    expect(await reader.get(pod)).toBeUndefined()
    // Not the API's word: a proxy's, say.
    expect(await failureOf(reader.get(pod))).toMatchObject({ code: 'ClusterAnswerInvalid' })
  })

  test.each([
    [403, 'ClusterForbidden'],
    [500, 'ClusterUnreachable'],
    [200, 'ClusterAnswerInvalid'],
  ])('one attempt alone, which ends in HTTP %i: %s', async (status, code) => {
    const { server, reader } = await startReader()
    server.fail(answer(status, 'no JSON'))
    expect(await failureOf(reader.get(pod))).toMatchObject({ code, problems: [{ field: 'Pod shop/web' }] })
    expect(server.seen).toHaveLength(1)
  })

  test('a collection page by page, with what was asked in its query', async () => {
    const { server, reader } = await startReader()
    const page = (name: string, next?: string): Fault =>
      json(200, { metadata: next === undefined ? {} : { continue: next }, items: [{ metadata: { name } }, null] })
    server.fail(page('a', 'n=1&'), page('b', ''), page('c'))
    const found = await reader.list({ ...pods, path: `${pods.path}?labelSelector=app%3Dweb` })
    expect(found).toEqual([{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }])
    expect(server.seen.map(({ url }) => url)).toEqual([
      `${pods.path}?labelSelector=app%3Dweb&limit=500`,
      `${pods.path}?labelSelector=app%3Dweb&limit=500&continue=n%3D1%26`,
    ])
    expect(await reader.list(pods)).toEqual([{ metadata: { name: 'c' } }])
    server.fail(json(200, {}))
    expect(await failureOf(reader.list(pods))).toMatchObject({ code: 'ClusterAnswerInvalid' })
  })

  test('a collection in smaller pages where one is longer than may be read', async () => {
    const { server, reader } = await startReader()
    const long = answer(200, JSON.stringify({ items: [], filler: 'x'.repeat(5 * 1024 * 1024) }))
    server.fail(long, json(200, { items: [{ a: 1 }], metadata: { continue: 'n' } }), json(200, { items: [{ b: 2 }] }))
    expect(await reader.list(pods)).toEqual([{ a: 1 }, { b: 2 }])
    expect(server.seen.map(({ url }) => /limit=(\d+)/.exec(url)?.[1])).toEqual(['500', '100', '100'])
    server.fail(long, long, long, long)
    expect(await failureOf(reader.list(pods))).toMatchObject({ code: 'ClusterAnswerInvalid' })
  })

  test('a text as it is, or why there is none', async () => {
    const { server, reader } = await startReader()
    server.fail(answer(200, 'lanyard_build_info 1\n'), json(503, { message: 'no endpoints' }), json(200, {}))
    expect(await reader.text(pod)).toBe('lanyard_build_info 1\n')
    const failure = await failureOf(reader.text(pod))
    expect(failure.message).toContain('ClusterUnreachable: Pod shop/web: get: HTTP 503: no endpoints.')
  })

  test('through the proxy of a pod only a Status of the API server is a refusal: another one is the pod’s own', async () => {
    const { server, reader } = await startReader()
    const metrics = { path: `${pods.path}/web:9798/proxy/metrics`, title: 'metrics of Pod shop/web' }
    const refusal = { kind: 'Status', reason: 'Forbidden', message: 'pods "web:9798" is forbidden' }
    const own = [json(403, { message: 'not you' }), answer(401, 'no'), json(403, { kind: 'Status', reason: 'Mine' })]
    server.fail(json(403, refusal), json(401, { kind: 'Status', reason: 'Unauthorized' }), ...own)
    for (const _ of ['forbidden', 'unauthorized'])
      expect(await failureOf(reader.text(metrics))).toMatchObject({ code: 'ClusterForbidden' })
    for (const _ of own)
      expect(await failureOf(reader.text(metrics))).toMatchObject({
        code: 'ClusterAnswerInvalid',
        problems: [
          {
            message: expect.stringMatching(/^get: the pod, or what stands before the API server, answers HTTP 40[13]$/),
          },
        ],
      })
    server.fail(answer(403, 'no'))
    expect(await failureOf(reader.text({ ...pod, path: `${pod.path}/log` }))).toMatchObject({
      code: 'ClusterForbidden',
    })
  })

  test('what an object that is sent comes to, refusals too', async () => {
    const { server, reader } = await startReader()
    const object = { kind: 'Pod', metadata: { name: 'web' } }
    server.fail(json(201, object), json(403, { kind: 'Status', message: 'exceeded quota' }), answer(200, 'no'))
    expect(await reader.create({ ...pods, path: `${pods.path}?dryRun=All` }, object)).toEqual({
      status: 201,
      value: object,
    })
    expect(await reader.create(pods, object)).toEqual({
      status: 403,
      value: { kind: 'Status', message: 'exceeded quota' },
    })
    expect(await failureOf(reader.create(pods, object))).toMatchObject({ code: 'ClusterAnswerInvalid' })
    const [first] = server.seen
    expect(first).toMatchObject({ method: 'POST', url: `${pods.path}?dryRun=All`, body: JSON.stringify(object) })
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', authorization: `Bearer ${canary}` })
  })

  test('gives up after 5 s, and when the cluster is closed', async () => {
    const { server, reader, clock, cluster } = await startReader()
    server.fail(
      () => {},
      () => {},
    )
    const silent = failureOf(reader.text(pod))
    await server.asked(1)
    await clock.advance(5_000)
    expect((await silent).message).toContain('ClusterUnreachable: Pod shop/web: get: no whole answer within 5 s.')
    const closed = failureOf(reader.get(pod))
    await server.asked(2)
    cluster.close()
    expect(await closed).toMatchObject({ code: 'ClusterUnreachable' })
  })
})
