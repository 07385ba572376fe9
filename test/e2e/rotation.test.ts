import { X509Certificate } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apply, get, inside, kubectl, list, rolledOut, waitFor } from './support/kubectl.ts'
import { DEPLOYMENT, ensureInstalled, uninstall, webhookConfiguration, webhookPods } from './support/lanyard.ts'
import { type Load, type LoadResult, startLoad } from './support/load.ts'
import { signalProcess } from './support/node.ts'
import { figure, say } from './support/progress.ts'
import { NAMESPACE } from './support/settings.ts'
import { dropNamespace, makeNamespace, workload } from './support/workloads.ts'

const WHERE = 'e2e-rotation'
/** A new authority signs every half of this. */
const LIFETIME = '2m'
const TURNS = 2

beforeAll(async () => {
  await makeNamespace(WHERE)
  // Authorities of other lifetimes would be trusted for a while yet.
  await uninstall()
  await ensureInstalled({ config: { tls: { caLifetime: LIFETIME, certificateLifetime: '1m', settle: '5s' } } })
})
afterAll(async () => {
  await ensureInstalled()
  await dropNamespace(WHERE)
})

let load: Load
beforeEach(async () => {
  load = await startLoad(WHERE)
  await waitFor('the load has begun', async () => (load.result().calls > 50 ? true : undefined))
})
afterEach(async () => void (await load.stop()))

async function settle(title: string): Promise<LoadResult> {
  const result = await load.stop()
  figure(`${title}: ${result.calls} calls, ${result.failures.length} failures`)
  return result
}

/** The fingerprints in the caBundle, in every entry the same. */
async function trusted(): Promise<readonly string[]> {
  const bundles = (await webhookConfiguration())['webhooks'].map(
    ({ clientConfig }: { clientConfig: { caBundle: string } }) =>
      Buffer.from(clientConfig.caBundle, 'base64').toString(),
  )
  expect(new Set(bundles).size).toBe(1)
  const blocks: readonly string[] = bundles[0].match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block).fingerprint256)
}

test(`the authority turns ${TURNS} times under load: no call fails, and the old ones are trusted no more`, async () => {
  const first = await trusted()
  expect(first.length).toBeGreaterThanOrEqual(2)
  // A turn is over when the authority that signed is trusted no more: its successor signs, and another one waits.
  for (let turn = 1; turn <= TURNS; turn++) {
    await waitFor(
      `turn ${turn}`,
      async () => {
        const now = await trusted()
        const left = first.filter((fingerprint) => now.includes(fingerprint))
        return now.length >= 2 && left.length <= first.length - turn ? true : undefined
      },
      { seconds: 240, every: 2 },
    )
    say(`turn ${turn} of the authority is over, ${load.result().calls} calls so far`)
  }
  const { failures } = await settle(`rotation of the authority, ${TURNS} full turns`)
  expect(failures).toEqual([])
  const restarts = (await webhookPods()).map(({ status }) => status.containerStatuses[0].restartCount)
  expect(restarts).toEqual([0, 0])
}, 600_000)

test('a rolling upgrade under load: no call fails', async () => {
  await kubectl(['rollout', 'restart', DEPLOYMENT, ...inside(NAMESPACE)])
  await rolledOut(DEPLOYMENT, NAMESPACE)
  await gone()
  const { failures } = await settle('rolling upgrade')
  expect(failures).toEqual([])
})

/** Waits until only pods that stay are there. */
async function gone(): Promise<void> {
  await waitFor('the old pods are gone', async () => ((await webhookPods()).length === 2 ? true : undefined))
}

describe('a replica that is ended', () => {
  test('by SIGTERM to its process: no call fails', async () => {
    const [pod] = await webhookPods()
    expect(await signalProcess(pod?.metadata.uid ?? '', 'webhook\\.cjs', 'TERM')).toBe(1)
    expect(await restarted(pod?.metadata.name ?? '')).toBe(0)
    const { failures } = await settle('a replica ended by SIGTERM')
    expect(failures).toEqual([])
  })

  test('by its deletion: no call fails', async () => {
    const [pod] = await webhookPods()
    await kubectl(['delete', 'pod', pod?.metadata.name ?? '', ...inside(NAMESPACE)])
    await rolledOut(DEPLOYMENT, NAMESPACE)
    const { failures } = await settle('a replica deleted')
    expect(failures).toEqual([])
  })

  test('by kill -9: some calls may fail, and every ReplicaSet reaches its size all the same', async () => {
    const [pod] = await webhookPods()
    const names = ['a', 'b', 'c', 'd', 'e']
    await apply(names.map((name) => workload('Deployment', name, WHERE, { replicas: 0, script: 'sleep infinity' })))
    expect(await signalProcess(pod?.metadata.uid ?? '', 'webhook\\.cjs', 'KILL')).toBe(1)
    // Its Service may still send reviews there.
    await kubectl(['scale', ...names.map((name) => `deployment/${name}`), '-n', WHERE, '--replicas=2'])
    expect(await restarted(pod?.metadata.name ?? '')).toBe(137)
    await sleep(2_000)
    const { calls, failures } = await settle('a replica ended by kill -9')
    for (const kind of new Set(failures.map((line) => line.replace(/^\S+ /, '').slice(0, 160)))) say(`  ${kind}`)
    // Without the load, which has both cores busy.
    await Promise.all(names.map((name) => rolledOut(`deployment/${name}`, WHERE)))
    expect(failures.length).toBeLessThan(calls)
    expect(await list('pods', WHERE, 'app')).toHaveLength(2 * names.length)
  })
})

/** Waits for the restart; the exit code of what was there before. */
function restarted(name: string): Promise<number> {
  return waitFor('the container was started again', async () => {
    const { status } = await get('pod', name, NAMESPACE)
    const { restartCount, ready, lastState } = status.containerStatuses[0]
    return restartCount > 0 && ready ? lastState.terminated.exitCode : undefined
  })
}
