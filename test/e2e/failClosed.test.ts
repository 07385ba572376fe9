import { afterAll, beforeAll, expect, test } from 'vitest'
import { apply, create, get, podReady, tryApply, waitFor } from './support/kubectl.ts'
import { ensureInstalled, reviewsAnswered, scaleWebhook } from './support/lanyard.ts'
import { dropNamespace, eventsOf, makeNamespace, pod, tinyPod, workload } from './support/workloads.ts'

const WHERE = 'e2e-fail-closed'
const LABELLED = 'e2e-labelled'

beforeAll(async () => {
  await ensureInstalled()
  await makeNamespace(WHERE)
  await makeNamespace(LABELLED, { 'lanyard.dev/injection': 'enabled' })
})
afterAll(async () => {
  await scaleWebhook(2)
  await Promise.all([dropNamespace(WHERE), dropNamespace(LABELLED)])
})

test('pods that did not ask never reach the webhook, as its own counter says', async () => {
  const before = await reviewsAnswered()
  for (const annotations of [{}, { 'lanyard.dev/inject': 'false' }, { 'example.com/lanyard.dev': 'x' }])
    expect((await create([tinyPod(WHERE, { annotations }, false)], '--dry-run=server')).code).toBe(0)
  expect(await reviewsAnswered()).toBe(before)
  expect((await create([tinyPod(WHERE)], '--dry-run=server')).code).toBe(0)
  expect(await reviewsAnswered()).toBe(before + 1)
})

test('a typo in an annotation is denied with what to change', async () => {
  const { code, stderr } = await create([tinyPod(WHERE, { annotations: { 'lanyard.dev/role-arm': 'x' } }, false)])
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /AnnotationUnknown: metadata\.annotations\[lanyard\.dev\/role-arm\].*did you mean "lanyard\.dev\/role-arn"/,
  )
})

test('with the webhook scaled to zero, only the pods that ask are refused, with a message that says why', async () => {
  await scaleWebhook(0)
  await apply([pod('plain', WHERE, { role: undefined, script: 'sleep infinity' })])
  await podReady('plain', WHERE)
  await apply([
    pod('opted-out', WHERE, {
      role: undefined,
      annotations: { 'lanyard.dev/inject': 'false' },
      script: 'sleep infinity',
    }),
  ])

  const refused = await tryApply([pod('web', WHERE)])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/failed calling webhook "pods\.lanyard\.dev"/)

  // A namespace that was labelled fails closed for all its pods; that is what its label says.
  const labelled = await tryApply([pod('plain', LABELLED, { role: undefined })])
  expect(labelled.stderr).toMatch(/failed calling webhook "defaults\.lanyard\.dev"/)
})

test('a Deployment that asked waits, says why in its events, and comes up by itself when the webhook is back', async () => {
  await scaleWebhook(0)
  await apply([workload('Deployment', 'web', WHERE)])
  await waitFor('an event that says why', async () =>
    (await eventsOf(WHERE)).includes('failed calling webhook "pods.lanyard.dev"') ? true : undefined,
  )
  await scaleWebhook(2)
  await waitFor(
    'the Deployment is up',
    async () => ((await get('deployment', 'web', WHERE))['status'].readyReplicas === 1 ? true : undefined),
    { seconds: 120 },
  )
})
