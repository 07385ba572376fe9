import { describe, expect, test } from 'vitest'
import { createDecider } from '../../../cmd/inject/decide.ts'
import { Failure } from '../../../src/errors/index.ts'
import type { Annotations } from '../../../src/injection/index.ts'
import type { Said } from '../../../src/manifests/index.ts'
import type { Lookup } from '../../../src/webhook/index.ts'
import { applied } from '../../support/admitting.ts'
import { gen, type Json, OTHER_ROLE, ROLE } from '../../support/gen.ts'
import { envOf } from '../../support/tree.ts'

const nothing: Said = { namespace: () => undefined, serviceAccount: () => undefined }

/** A cluster whose every ServiceAccount has these annotations, and what it was asked. */
function clusterOf(annotations: Annotations | Failure) {
  const asked: string[] = []
  const live: Lookup = {
    serviceAccount: async (namespace, name) => {
      asked.push(`${namespace}/${name}`)
      if (annotations instanceof Failure) throw annotations
      return annotations
    },
    namespace: async (name, now) => {
      asked.push(now ? `${name} now` : name)
      return {}
    },
  }
  return { live, asked }
}

const deciderOf = (sources: Partial<Parameters<typeof createDecider>[1]>, settings: Json = {}) =>
  createDecider(
    { config: gen.config(settings), version: '0.1.0' },
    { said: nothing, live: undefined, serverVersion: undefined, ...sources },
  )
const asking = gen.pod({ inject: 'true' })

describe('who is asked about ServiceAccount and namespace', () => {
  test('the files and the cluster, and each object only once', async () => {
    const { live, asked } = clusterOf({ 'lanyard.dev/role-arn': ROLE })
    const said: Said = { ...nothing, namespace: (name) => (name === 'shop' ? {} : undefined) }
    const { decide, unknown } = deciderOf({ said, live })
    for (const namespace of ['shop', 'shop', 'other', 'other'])
      expect(await decide(asking, namespace)).toMatchObject({ kind: 'inject' })
    expect(asked).toEqual(['shop/default', 'shop now', 'other/default', 'other now'])
    expect([...unknown]).toEqual([])
  })

  test('the files, annotation by annotation, over the cluster', async () => {
    const { live } = clusterOf({ 'lanyard.dev/role-arn': ROLE, 'lanyard.dev/region': 'eu-west-2' })
    const said: Said = { ...nothing, serviceAccount: () => ({ 'lanyard.dev/role-arn': OTHER_ROLE }) }
    const outcome = await deciderOf({ said, live }).decide(asking, 'shop')
    if (outcome.kind !== 'inject') throw new Error(JSON.stringify(outcome))
    expect(outcome.audit).toEqual({ roles: JSON.stringify({ app: OTHER_ROLE }) })
    expect(envOf(applied(asking, outcome.patch), 'app')).toMatchObject({ AWS_REGION: 'eu-west-2' })
  })

  test('nobody: it is said who that is, once', async () => {
    const { decide, unknown } = deciderOf({})
    for (const _ of [1, 2]) expect(await decide(gen.pod(), 'shop')).toMatchObject({ kind: 'inject' })
    expect([...unknown]).toEqual(['ServiceAccount shop/default', 'Namespace shop'])
  })

  test('nobody, where the operator has them not read', async () => {
    const { live, asked } = clusterOf({ 'lanyard.dev/role-arn': ROLE })
    const { decide, unknown } = deciderOf({ live }, { 'sources.enabled': false })
    expect(await decide(asking, 'shop')).toMatchObject({ kind: 'deny' })
    expect([asked, [...unknown]]).toEqual([[], []])
  })

  test('a cluster that does not answer is not asked again, and what asks is denied', async () => {
    const failure = new Failure({ code: 'ClusterUnreachable', message: 'away' })
    const { live, asked } = clusterOf(failure)
    const { decide } = deciderOf({ live })
    for (const _ of [1, 2])
      expect(await decide(asking, 'shop')).toMatchObject({ kind: 'deny', problems: [{ code: 'SourceUnreadable' }] })
    expect(asked).toEqual(['shop/default', 'shop now'])
  })
})

describe('annotations of the EKS pod identity webhook', () => {
  const { live } = clusterOf({ 'eks.amazonaws.com/role-arn': ROLE })

  test('count where the operator has them understood, for whoever does not ask Lanyard', async () => {
    const { decide } = deciderOf({ live }, { 'compatibility.eks': true })
    const outcome = await decide(gen.pod({}), 'shop')
    if (outcome.kind !== 'inject') throw new Error(JSON.stringify(outcome))
    expect(envOf(applied(gen.pod({}), outcome.patch), 'app')).toMatchObject({ AWS_ROLE_ARN: ROLE })
    const own = await decide(gen.pod(), 'shop')
    expect(own.kind === 'inject' && own.audit).toHaveProperty('roles')
  })

  test('count where what is said to Lanyard leaves the pod alone, which is told where they say nothing', async () => {
    const account = { 'lanyard.dev/role-arn': ROLE, 'lanyard.dev/containers': 'elsewhere' }
    const decided = (annotations: Annotations) =>
      deciderOf({ live: clusterOf(annotations).live }, { 'compatibility.eks': true }).decide(gen.pod({}), 'shop')
    expect(await decided(account)).toMatchObject({ kind: 'skip', reason: 'NothingToInject' })
    expect(await decided({ ...account, 'eks.amazonaws.com/role-arn': ROLE })).toMatchObject({ audit: { role: ROLE } })
  })

  test('do not else', async () => {
    expect(await deciderOf({ live }).decide(gen.pod({}), 'shop')).toMatchObject({
      kind: 'skip',
      reason: 'NotRequested',
    })
  })
})

test('a pod that asks for nothing itself is warned of, since the label of its namespace decides', async () => {
  const { live } = clusterOf({ 'lanyard.dev/role-arn': ROLE })
  const warningsOf = async (pod: Json) => (await deciderOf({ live }).decide(pod, 'shop')).warnings
  expect(await warningsOf(gen.pod({}))).toEqual([expect.stringContaining('lanyard.dev/injection=enabled')])
  expect(await warningsOf(asking)).toEqual([])
})
