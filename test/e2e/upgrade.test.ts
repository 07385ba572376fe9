import { afterAll, beforeAll, expect, test } from 'vitest'
import { apply, type KubeObject, kubectl, list, podReady, waitFor } from './support/kubectl.ts'
import { install, uninstall, webhookPods } from './support/lanyard.ts'
import { startLoad } from './support/load.ts'
import { figure } from './support/progress.ts'
import { NAMESPACE, told } from './support/settings.ts'
import { run } from './support/shell.ts'
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

test('helm uninstall leaves nothing, and pods start as if it had never been there', async () => {
  await uninstall()
  await waitFor('its pods are gone', async () => ((await webhookPods()).length === 0 ? true : undefined))
  expect(await remains()).toEqual([])
  await apply([pod('plain', WHERE, { script: 'sleep infinity' })])
  const { spec } = await podReady('plain', WHERE)
  expect(spec.initContainers).toBeUndefined()
  // What was injected goes on until it is made anew.
  expect((await list('pods', WHERE)).map(({ metadata }) => metadata.name).sort()).toEqual(['after', 'before', 'plain'])
})

/** Every object of every kind that is Lanyard's by its labels or its name. */
async function remains(): Promise<readonly string[]> {
  const kinds = (await kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n')
  const looked = kinds.filter((kind) => !/^events|selfsubject|metrics\.k8s\.io/.test(kind))
  const found = await Promise.all(
    looked.map(async (kind) =>
      (await list(kind).catch(() => [])).filter(isOurs).map(({ metadata }) => `${kind} ${metadata.name}`),
    ),
  )
  return found.flat()
}

/** The namespace itself is the operator's, and so is what lies in it by their own hand. */
const isOurs = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.['app.kubernetes.io/name'] === 'lanyard' ||
  metadata.labels?.['app.kubernetes.io/instance'] === 'lanyard' ||
  /^(sh\.helm\.release\.v1\.)?lanyard(-webhook|-sidecars|\.|$)/.test(metadata.name)
