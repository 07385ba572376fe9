import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { withDefinitions } from './support/crds.ts'
import { objectsIn, render } from './support/helm.ts'
import { create, kubectl, tryKubectl } from './support/kubectl.ts'
import { ensureInstalled, reviewsAnswered, valuesFor, webhookConfiguration } from './support/lanyard.ts'
import { told } from './support/settings.ts'
import { dropNamespace, makeNamespace, tinyPod } from './support/workloads.ts'

const SETS = 'test/chart/values'
const WHERE = 'e2e-values'

let removeDefinitions = async (): Promise<void> => {}
beforeAll(async () => {
  await ensureInstalled()
  await makeNamespace(WHERE)
  await makeNamespace('monitoring')
  removeDefinitions = await withDefinitions()
})
afterAll(async () => {
  await removeDefinitions()
  await Promise.all([dropNamespace(WHERE), dropNamespace('monitoring')])
})

test('there are at least 12 sets of values', () => {
  expect(readdirSync(SETS).length).toBeGreaterThanOrEqual(12)
})

test.each(readdirSync(SETS))('the API server accepts what the chart makes of %s', async (name) => {
  const values = parse(readFileSync(join(SETS, name), 'utf8')) ?? {}
  // Under another name: what is installed would be changed rather than created.
  const objects = objectsIn(await render(values, 'lanyard-trial'))
  const { code, stderr } = await create(objects, '--dry-run=server')
  // A warning, since that namespace is one where Pod Security admits the least.
  const hostNetwork = /^Warning: would violate PodSecurity "restricted:latest": (host namespaces|hostPort)/
  const warnings = stderr.split('\n').filter((line) => line !== '')
  expect(warnings.filter((line) => name !== 'host-network.yaml' || !hostNetwork.test(line))).toEqual([])
  expect(code).toBe(0)
})

/** Which pods the API server asks about: by the conditions alone, since only it can evaluate them. */
describe('the conditions of the webhook agree with its decision', () => {
  const asked: readonly (readonly [string, Record<string, string>])[] = [
    ['a role', { 'lanyard.dev/role-arn': 'arn:aws:iam::111122223333:role/web' }],
    ['roles by container', { 'lanyard.dev/container-roles': 'app=arn:aws:iam::111122223333:role/web' }],
    ['a lone key', { 'lanyard.dev/region': 'eu-west-1' }],
    ['a typo', { 'lanyard.dev/rolearn': 'x' }],
    ['inject: "true"', { 'lanyard.dev/inject': 'true' }],
    ['inject that is no boolean', { 'lanyard.dev/inject': 'False' }],
  ]
  const notAsked: readonly (readonly [string, Record<string, string>])[] = [
    ['nothing', {}],
    ['inject: "false"', { 'lanyard.dev/inject': 'false' }],
    ['inject: "false" beside a role', { 'lanyard.dev/inject': 'false', 'lanyard.dev/role-arn': 'x' }],
    ['somebody else’s key', { 'example.com/lanyard.dev': 'x', 'lanyard.dev.example.com/a': 'b' }],
  ]
  const count = async (annotations: Record<string, string>): Promise<number> => {
    const before = await reviewsAnswered()
    await create([tinyPod(WHERE, { annotations }, false)], '--dry-run=server')
    return (await reviewsAnswered()) - before
  }
  // A pod that is injected may be asked about again, since injection itself is a change.
  test.each(asked)('asked about %s', async (_, annotations) => {
    expect(await count(annotations)).toBeGreaterThanOrEqual(1)
  })
  test.each(notAsked)('not asked about %s', async (_, annotations) => {
    expect(await count(annotations)).toBe(0)
  })
})

test('an upgrade leaves the authority and the caBundle alone', async () => {
  const bundleOf = async (): Promise<string> =>
    (await webhookConfiguration())['webhooks']
      .map(({ clientConfig }: { clientConfig: { caBundle: string } }) => clientConfig.caBundle)
      .join()
  const secret = (): Promise<string> =>
    kubectl(['get', 'secret', 'lanyard-webhook-ca', '-n', 'lanyard-system', '-o', 'jsonpath={.data}'])
  const [bundle, data] = [await bundleOf(), await secret()]
  expect(bundle.length).toBeGreaterThan(100)
  await ensureInstalled({ commonLabels: { upgraded: 'yes' } })
  expect(await bundleOf()).toBe(bundle)
  expect(await secret()).toBe(data)
})

test('what the chart would apply is what is there: nothing drifts for GitOps', async () => {
  await ensureInstalled()
  const objects = objectsIn(await render(valuesFor(told().images.product))).filter(
    ({ kind }) => kind === 'MutatingWebhookConfiguration' || kind === 'Secret',
  )
  expect(objects).toHaveLength(2)
  const { code, stdout } = await tryKubectl(['diff', '-f', '-'], {
    input: objects.map((object) => JSON.stringify(object)).join('\n---\n'),
  })
  // Helm's own labels aside, applying it again would change nothing.
  expect(stdout).toBe('')
  expect(code).toBe(0)
})
