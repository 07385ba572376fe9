import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apply, get, type KubeObject, kubectl, podReady, said, tryKubectl, waitFor } from './support/kubectl.ts'
import { ensureInstalled, sidecarMetrics } from './support/lanyard.ts'
import { LOOP, looped, moreCalls } from './support/loop.ts'
import { signalProcess } from './support/node.ts'
import { notReadyFor, observePod } from './support/observe.ts'
import { figure } from './support/progress.ts'
import { bringBack, clearFaults, endpointOf, setFault, takeAway } from './support/sts.ts'
import { dropNamespace, eventsOf, makeNamespace, pod } from './support/workloads.ts'

const WHERE = 'e2e-sidecar'
/** Only credentials are refused; who has some can still use them, so that the apps' calls tell. */
const DOWN = { kind: 'unavailable', action: 'AssumeRoleWithWebIdentity' }

const at = (name: 'sts-flaky' | 'sts-outage') =>
  ({ sts: name, annotations: { 'lanyard.dev/sts-endpoint': endpointOf(name) } }) as const

beforeAll(async () => {
  await ensureInstalled()
  await makeNamespace(WHERE)
  // Sessions of 240 s instead of an hour: a whole life of credentials passes while the other tests run.
  await setFault('sts-outage', { kind: 'shortSession', seconds: 240 })
  await apply([pod('outage', WHERE, { ...at('sts-outage'), script: LOOP })])
  await podReady('outage', WHERE)
})
afterAll(async () => {
  await Promise.all([clearFaults('sts-flaky'), clearFaults('sts-outage')])
  await bringBack('sts-flaky')
  await dropNamespace(WHERE)
})

const sidecarStatusOf = (object: KubeObject) =>
  object['status'].initContainerStatuses.find((status: { readonly name: string }) => status.name === 'lanyard')
const restartsOf = (object: KubeObject): number => sidecarStatusOf(object).restartCount

/** kubelet's first back-off before it restarts a container for the second time: a pod must never be away for so long. */
const BACK_OFF_MS = 10_000

describe.each([
  ['KILL', 'up', undefined, 137],
  ['KILL', 'down', DOWN, 137],
  ['TERM', 'down', DOWN, 0],
] as const)('a sidecar ended by SIG%s with STS %s', (signal, state, fault, exitCode) => {
  const name = `${signal.toLowerCase()}-${state}`

  test('comes back with the same token, and the app loses no call', async () => {
    await apply([pod(name, WHERE, { ...at('sts-flaky'), script: LOOP })])
    const started = await podReady(name, WHERE)
    const before = await moreCalls(name, WHERE, 3)
    if (fault !== undefined) await setFault('sts-flaky', fault)
    const observer = observePod(name, WHERE)
    await waitFor('the watch has begun', async () => (observer.seen.length > 0 ? true : undefined))
    expect(await signalProcess(started.metadata.uid ?? '', 'sidecar\\.cjs', signal)).toBe(1)
    await waitFor('the sidecar was restarted', async () => {
      const current = await get('pod', name, WHERE)
      return restartsOf(current) > 0 && current['status'].phase === 'Running' ? true : undefined
    })
    const restarted = await podReady(name, WHERE)
    expect(sidecarStatusOf(restarted).lastState.terminated.exitCode).toBe(exitCode)
    const after = await moreCalls(name, WHERE, 10)
    observer.stop()
    await clearFaults('sts-flaky')
    expect(after).toMatchObject({ failures: before.failures, token: before.token, problems: [] })
    // kubelet counts a sidecar that is not running as not ready, whatever its probes: what that costs is measured.
    const gap = notReadyFor(observer)
    expect(gap).toBeLessThan(BACK_OFF_MS)
    figure(
      `sidecar ended by SIG${signal} with STS ${state}: ${after.calls - before.calls} calls, 0 failures; not Ready for ${gap} ms`,
    )
  })
})

describe('STS away at a pod’s start', () => {
  const name = 'waiting'
  const GRACE = 12

  test('holds the app back, and says the cause in kubectl describe', async () => {
    await takeAway('sts-flaky')
    await apply([pod(name, WHERE, { ...at('sts-flaky'), spec: { terminationGracePeriodSeconds: GRACE } })])
    const text = await waitFor(
      'the cause in kubectl describe',
      async () => {
        const described = await kubectl(['describe', 'pod', name, '-n', WHERE])
        return /StsUnreachable|StsUnavailable/.test(described) ? described : undefined
      },
      { seconds: 60 },
    )
    expect(text).toMatch(/Message:\s+default: Sts\w+: .*sts-flaky/)
    const { status } = await get('pod', name, WHERE)
    expect(status.containerStatuses[0].state.waiting.reason).toBe('PodInitializing')
  })

  test('can be deleted within the bound of the gate', async () => {
    await apply([pod('deleted', WHERE, { ...at('sts-flaky'), spec: { terminationGracePeriodSeconds: GRACE } })])
    // Its status says nothing yet: kubelet is busy with the hook that is the gate.
    await waitFor('its sidecar is there', async () =>
      /^Created/m.test(await eventsOf(WHERE, 'deleted')) ? true : undefined,
    )
    const began = Date.now()
    const { code } = await tryKubectl(['delete', 'pod', 'deleted', '-n', WHERE, `--timeout=${GRACE + 3}s`])
    expect(code).toBe(0)
    figure(
      `a pod that waits at its gate (bound ${GRACE - 2} s) was deleted in ${((Date.now() - began) / 1000).toFixed(1)} s`,
    )
  })

  test('ends by itself when STS is back', async () => {
    await bringBack('sts-flaky')
    await podReady(name, WHERE, 120)
  })
})

test('a wrong trust policy is told in words where one looks first', async () => {
  await apply([pod('mistrusted', WHERE, { role: 'elsewhere', spec: { terminationGracePeriodSeconds: 7 } })])
  await waitFor('the cause in kubectl describe', async () => {
    const text = await kubectl(['describe', 'pod', 'mistrusted', '-n', WHERE])
    return text.includes(`StsAccessDenied`) && text.includes(`system:serviceaccount:${WHERE}:default`)
      ? true
      : undefined
  })
  await kubectl(['delete', 'pod', 'mistrusted', '-n', WHERE])
})

test('the time that Lanyard adds to a pod’s start', async () => {
  const times: Record<'with' | 'without', number[]> = { with: [], without: [] }
  for (let round = 0; round < 10; round++) {
    for (const kind of ['with', 'without'] as const) times[kind].push(await startOf(`${kind}-${round}`, kind))
  }
  const [slow, fast] = [medianOf(times.with), medianOf(times.without)]
  figure(`create → the app's first line, median of 10: ${fast} ms without, ${slow} ms with: ${slow - fast} ms more`)
  expect(times.with).toHaveLength(10)
})

/** Milliseconds from the creation to the app's own first words, by the clock of each side. */
async function startOf(name: string, kind: 'with' | 'without'): Promise<number> {
  const options = { script: 'date +%s%3N', restartPolicy: 'Never' as const }
  const object = pod(name, WHERE, kind === 'with' ? options : { ...options, role: undefined })
  const began = Date.now()
  await apply([object])
  return Number(await said(/^\d+$/m, name, WHERE)) - began
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

test('an outage of STS over the life of a renewal: no call fails, and the metrics tell', async () => {
  const name = 'outage'
  const session = '{session="default",role="arn:aws:iam::111122223333:role/web"}'
  const lastRefresh = async (): Promise<number> =>
    (await sidecarMetrics(WHERE, name)).get(`lanyard_credentials_last_refresh_timestamp_seconds${session}`) ?? 0
  const before = await lastRefresh()
  await setFault('sts-outage', DOWN)
  await waitFor(
    'a renewal has failed',
    async () => {
      const metrics = await sidecarMetrics(WHERE, name)
      const failed = [...metrics].some(([series, value]) => series.includes('result="failure",code="Sts') && value > 2)
      return failed ? true : undefined
    },
    { seconds: 120, every: 1 },
  )
  // Until the time is over at which it would have been renewed at the latest, 96 s after it was issued.
  const expiration = `lanyard_credentials_expiration_timestamp_seconds${session}`
  await waitFor(
    'the session nears its end',
    async () => {
      const expires = (await sidecarMetrics(WHERE, name)).get(expiration) ?? 0
      return expires > 0 && expires - Date.now() / 1_000 < 140 ? true : undefined
    },
    { seconds: 150, every: 1 },
  )
  const during = await moreCalls(name, WHERE, 20)
  await clearFaults('sts-outage')
  await waitFor('it was renewed after the outage', async () => ((await lastRefresh()) > before ? true : undefined), {
    seconds: 150,
    every: 1,
  })
  const after = await moreCalls(name, WHERE, 5)
  expect(during).toMatchObject({ failures: 0, problems: [] })
  expect(after).toMatchObject({ failures: 0, problems: [] })
  figure(`outage of STS over a renewal: ${after.calls} calls, ${after.failures} failures`)
  expect((await looped(name, WHERE)).token).toBe(during.token)
}, 400_000)
