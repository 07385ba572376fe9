import { describe, expect, test } from 'vitest'
import { isAddressed } from '../../src/injection/asked.ts'
import { decide } from '../../src/injection/index.ts'
import { gen } from '../support/gen.ts'
import { only, render, template } from './helm.ts'
import { matchCases } from './matchCases.ts'
import { setOf } from './sets.ts'

type Entry = {
  readonly name: string
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[]
  readonly rules: readonly unknown[]
  readonly [field: string]: unknown
}

const entries = async (values = ''): Promise<readonly Entry[]> =>
  only(await render(values), 'MutatingWebhookConfiguration')['webhooks'] as readonly Entry[]

describe('the API server and decide() mean the same', () => {
  test.each(matchCases)('$name', ({ annotations = {}, entry }) => {
    const asks = isAddressed(annotations)
    const pod = { metadata: { annotations }, spec: { containers: [] } }
    if (entry === 'none') expect(decide(pod, gen.context())).toMatchObject({ reason: 'OptedOut' })
    else expect(entry).toBe(asks ? 'pods.lanyard.dev' : 'defaults.lanyard.dev')
  })

  test('every outcome has its cases', () => {
    expect(new Set(matchCases.map(({ entry }) => entry)).size).toBe(3)
  })
})

test('both entries fail closed, on creation of pods alone, and may be called again', async () => {
  const [pods, defaults, ...more] = await entries()
  expect([pods?.name, defaults?.name, more]).toEqual(['pods.lanyard.dev', 'defaults.lanyard.dev', []])
  for (const entry of [pods, defaults])
    expect(entry).toMatchObject({
      failurePolicy: 'Fail',
      reinvocationPolicy: 'IfNeeded',
      matchPolicy: 'Equivalent',
      sideEffects: 'None',
      timeoutSeconds: 5,
      admissionReviewVersions: ['v1'],
      rules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
      ],
    })
})

test('the second entry is for exactly those that the first is not addressed by', async () => {
  const [pods, defaults] = await entries()
  const addressed = pods?.matchConditions.find(({ name }) => name === 'addressed')?.expression
  expect(defaults?.matchConditions.map(({ expression }) => expression)).toEqual([`!(${addressed})`])
  expect(defaults?.['namespaceSelector']).toMatchObject({ matchLabels: { 'lanyard.dev/injection': 'enabled' } })
  expect(pods?.['namespaceSelector']).not.toHaveProperty('matchLabels')
})

test("the operator's own selector replaces the label, rather than being added to it", async () => {
  const values = 'webhook: { defaultsNamespaceSelector: { matchLabels: { example.com/aws: "yes" } } }'
  const [, defaults] = await entries(values)
  expect(defaults).toHaveProperty('namespaceSelector.matchLabels', { 'example.com/aws': 'yes' })
})

test('the entry for defaults is for what ServiceAccounts and namespaces say, and goes with it', async () => {
  const names = (await entries('config: { sources: { enabled: false } }')).map(({ name }) => name)
  expect(names).toEqual(['pods.lanyard.dev'])
})

describe('in place of the EKS webhook', () => {
  test('a third entry is for pods that say nothing to Lanyard, on a path of its own, and lets pods start', async () => {
    const [pods, defaults, eks, ...more] = await entries('config: { compatibility: { eks: true } }')
    expect(more).toEqual([])
    expect(eks?.matchConditions).toEqual(defaults?.matchConditions)
    expect(eks?.['namespaceSelector']).toEqual(pods?.['namespaceSelector'])
    const { rules, ...others } = pods ?? { rules: [] }
    expect(eks).toMatchObject({ name: 'eks.lanyard.dev', failurePolicy: 'Ignore', rules })
    expect(eks).toHaveProperty('clientConfig.service.path', '/mutate/eks')
    expect(others).toHaveProperty('clientConfig.service.path', '/mutate')
  })

  test('the operator chooses where, and what a webhook that is away means', async () => {
    const [, , eks] = await entries(setOf('eks').text)
    expect(eks).toMatchObject({
      failurePolicy: 'Fail',
      namespaceSelector: { matchLabels: { 'example.com/irsa': 'yes' } },
    })
  })

  test('without reading ServiceAccounts it is refused', async () => {
    const { ok, stderr } = await template('config: { compatibility: { eks: true }, sources: { enabled: false } }')
    expect(ok).toBe(false)
    expect(stderr).toContain('config.sources.enabled')
  })
})
