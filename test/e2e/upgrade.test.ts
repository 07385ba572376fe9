import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apply, type KubeObject, kubectl, list, podReady, waitFor } from './support/kubectl.ts'
import { install, uninstall, webhookConfiguration, webhookPods } from './support/lanyard.ts'
import { startLoad } from './support/load.ts'
import { figure } from './support/progress.ts'
import { NAMESPACE, RELEASE, told } from './support/settings.ts'
import { must, run } from './support/shell.ts'
import { dropNamespace, makeNamespace, pod } from './support/workloads.ts'

const WHERE = 'e2e-upgrade'

beforeAll(async () => {
  await run('helm', ['uninstall', 'lanyard', '-n', NAMESPACE, '--wait'])
  await makeNamespace(WHERE)
})
afterAll(() => dropNamespace(WHERE))

test('helm upgrade from the commit before, under load: no call fails', async () => {
  const { charts, images } = told()
  const installed = await install({ chart: charts.previous, image: images.previous })
  expect(installed.stderr, installed.stderr).toSatisfy(() => installed.code === 0)
  await apply([pod('before', WHERE)])
  await podReady('before', WHERE)

  const load = await startLoad(WHERE)
  await waitFor('the load has begun', async () => (load.result().calls > 50 ? true : undefined))
  const upgraded = await install()
  expect(upgraded.stderr, upgraded.stderr).toSatisfy(() => upgraded.code === 0)
  await waitFor('the old pods are gone', async () => ((await webhookPods()).length === 2 ? true : undefined))
  const { calls, failures } = await load.stop()
  figure(`helm upgrade from the commit before: ${calls} calls, ${failures.length} failures`)
  expect(failures).toEqual([])
  const versions = (await webhookPods()).map(({ spec }) => spec.containers[0].image)
  expect(versions).toEqual([images.product, images.product])

  await apply([pod('after', WHERE)])
  await podReady('after', WHERE)
})

test('helm rollback, under load: no call fails', async () => {
  const load = await startLoad(WHERE)
  await waitFor('the load has begun', async () => (load.result().calls > 50 ? true : undefined))
  await must('helm', ['rollback', RELEASE, '-n', NAMESPACE, '--wait', '--timeout', '120s'], { timeout: 180_000 })
  await waitFor('the old pods are gone', async () => ((await webhookPods()).length === 2 ? true : undefined))
  const { calls, failures } = await load.stop()
  figure(`helm rollback: ${calls} calls, ${failures.length} failures`)
  expect(failures).toEqual([])
  expect((await webhookPods()).map(({ spec }) => spec.containers[0].image)).toContain(told().images.previous)
})

test('helm uninstall leaves nothing, and pods start as if it had never been there', async () => {
  await uninstall()
  await waitFor('its pods are gone', async () => ((await webhookPods()).length === 0 ? true : undefined))
  expect(await remains()).toEqual([])
  await apply([pod('plain', WHERE, { script: 'sleep infinity' })])
  const { spec } = await podReady('plain', WHERE)
  expect(spec.initContainers).toBeUndefined()
  // What was injected goes on until it is made anew.
  const names = (await list('pods', WHERE)).map(({ metadata }) => metadata.name)
  expect(names).toEqual(expect.arrayContaining(['before', 'plain']))
})

test('Helm 4 installs, upgrades without touching the authority or the caBundle, and leaves nothing', async ({
  skip,
}) => {
  const { HELM4: helm, CI } = process.env
  if (helm === undefined) {
    if (CI !== undefined) throw new Error('HELM4 names no Helm 4')
    return skip('HELM4 names no Helm 4')
  }
  const installed = await install({ helm })
  expect(installed.stderr, installed.stderr).toSatisfy(() => installed.code === 0)
  const before = await kept()
  expect(before.authorities).toContain('authority-1.key')
  const upgraded = await install({ helm, values: { commonLabels: { upgraded: 'yes' } } })
  expect(upgraded.stderr, upgraded.stderr).toSatisfy(() => upgraded.code === 0)
  expect(await kept()).toEqual(before)
  await uninstall(helm)
  await waitFor('its pods are gone', async () => ((await webhookPods()).length === 0 ? true : undefined))
  expect(await remains()).toEqual([])
})

async function kept(): Promise<{ readonly authorities: string; readonly bundles: readonly string[] }> {
  const authorities = ['get', 'secret', 'lanyard-webhook-ca', '-n', NAMESPACE, '-o', 'jsonpath={.data}']
  const bundles = (await webhookConfiguration())['webhooks'].map(
    ({ clientConfig }: { clientConfig: { caBundle: string } }) => clientConfig.caBundle,
  )
  return { authorities: await kubectl(authorities), bundles }
}

/** Every object of every kind that is Lanyard's by its labels or its name. */
async function remains(): Promise<readonly string[]> {
  const kinds = (await kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n')
  const looked = kinds.filter((kind) => !/^events|selfsubject|metrics\.k8s\.io/.test(kind))
  const found = await Promise.all(
    looked.map(async (kind) => (await listed(kind)).filter(isOurs).map(({ metadata }) => `${kind} ${metadata.name}`)),
  )
  return found.flat()
}

/** Some kinds say that they can be listed, and cannot. */
async function listed(kind: string): Promise<readonly KubeObject[]> {
  try {
    return await list(kind)
  } catch (thrown) {
    if (thrown instanceof Error && /MethodNotAllowed|NotFound|not found/.test(thrown.message)) return []
    throw thrown
  }
}

/** The namespace itself is the operator's, and so is what lies in it by their own hand. */
const isOurs = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.['app.kubernetes.io/name'] === 'lanyard' ||
  metadata.labels?.['app.kubernetes.io/instance'] === 'lanyard' ||
  /^(sh\.helm\.release\.v1\.)?lanyard(-webhook|-sidecars|\.|$)/.test(metadata.name)
