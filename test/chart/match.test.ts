import { describe, expect, test } from 'vitest'
import { isAddressed, isOptedOut } from '../../src/injection/annotations.ts'
import { only, render } from './helm.ts'
import { matchCases } from './matchCases.ts'

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
    if (entry === 'none') expect(isOptedOut(annotations)).toBe(true)
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
