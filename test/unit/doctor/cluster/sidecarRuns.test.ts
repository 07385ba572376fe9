import { beforeAll, describe, expect, test } from 'vitest'
import { sidecarRuns } from '../../../../src/doctor/cluster/checks/sidecarRuns.ts'
import { gen, type Json } from '../../../support/gen.ts'
import { bundles } from './ca.ts'
import { FORBIDDEN, groundOf, injectedPod, look, PATHS, podInState, world } from './world.ts'

let good: string
beforeAll(async () => {
  good = (await bundles()).good
})
const see = (pod: Json, things: Readonly<Record<string, unknown>> = {}) =>
  look(sidecarRuns, groundOf(world(good, { [PATHS.pod]: pod, ...things })).ground)
const ended = (message: string, exitCode = 1): Json => ({
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { message, exitCode } },
})

test('runs', async () => {
  expect(await see(injectedPod())).toEqual([])
})

test('there is none, or it is over', async () => {
  for (const pod of [gen.pod(), { ...injectedPod(), status: { phase: 'Succeeded' } }])
    expect(await see(pod)).toEqual([{ verdict: 'skip', message: 'no pod with a sidecar is there' }])
})

test('has restarted often', async () => {
  expect(await see(injectedPod(gen.pod(), { restartCount: 2 }))).toEqual([])
  expect(
    await see(injectedPod(gen.pod(), { restartCount: 4, lastState: { terminated: { reason: 'OOMKilled' } } })),
  ).toMatchObject([
    { verdict: 'warn', code: 'SidecarNotRunning', message: 'it runs, after 4 restarts (last: OOMKilled)' },
  ])
  expect(await see(injectedPod(gen.pod(), { restartCount: 4 }))).toMatchObject([
    { message: expect.stringContaining('no reason') },
  ])
})

test('finds no node', async () => {
  const status = { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes: Insufficient cpu' }] }
  expect(await see({ ...injectedPod(), status })).toMatchObject([
    { verdict: 'fail', code: 'SidecarNotRunning', message: 'it finds no node: 0/3 nodes: Insufficient cpu' },
  ])
})

describe('cannot be started', () => {
  test.each([
    ['ImagePullBackOff', /Let namespace shop pull registry\.example\.com\/lanyard:0\.1\.0/],
    ['ErrImageNeverPull', /Let namespace shop pull/],
    ['CreateContainerConfigError', /Look at the events/],
  ])('%s', async (reason, fix) => {
    expect(await see(podInState({ state: { waiting: { reason, message: 'why' } } }))).toEqual([
      {
        verdict: 'fail',
        code: 'SidecarNotRunning',
        subject: 'pod/web',
        message: `${reason}: why`,
        fix: expect.stringMatching(fix),
      },
    ])
  })

  const replaced = podInState({ state: { terminated: { exitCode: 0 } } })
  const failed = (message: string, reason = 'Failed') => ({ reason, message })

  test('since its new image cannot be pulled, as events alone say', async () => {
    const events = [
      failed('Failed to pull image "x": no'),
      failed('Error: ErrImagePull'),
      failed('Error: other'),
      failed('x', 'Killing'),
    ]
    expect(await see(replaced, { [PATHS.events]: events })).toMatchObject([
      {
        code: 'SidecarNotRunning',
        message: 'ErrImagePull: Error: ErrImagePull',
        fix: expect.stringContaining('Let namespace shop pull'),
      },
    ])
  })

  test('and nobody says why', async () => {
    for (const events of [[], [{ reason: 'Failed' }], FORBIDDEN])
      expect(await see(replaced, { [PATHS.events]: events })).toEqual([
        {
          verdict: 'fail',
          code: 'SidecarNotRunning',
          subject: 'pod/web',
          message: 'it ended with exit code 0',
          fix: '`kubectl -n shop logs web -c lanyard --previous`',
        },
      ])
  })
})

describe('has ended', () => {
  test('for want of credentials, which is for the checks after it', async () => {
    for (const message of ['default: StsAccessDenied: no', 'GateTimeout: no', 'default: TokenExpired: no'])
      expect(await see(podInState(ended(message)))).toMatchObject([
        { verdict: 'ok', message: expect.stringContaining('it waits for credentials') },
      ])
  })

  test('since a port is taken', async () => {
    const pod = podInState(ended('PortInUse: LANYARD_CREDENTIALS_PORT: port 9797 of 127.0.0.1 is taken. Stop it'))
    expect(await see(pod)).toMatchObject([
      {
        verdict: 'fail',
        code: 'PortInUse',
        fix: 'Find out which container listens there; or give Lanyard another port: lanyard.dev/credentials-port: "9796".',
      },
    ])
  })

  test('since the port of the metrics is taken by what starts before', async () => {
    const pod = podInState(ended('PortInUse: LANYARD_METRICS_PORT: port 9798 of the pod is taken. Stop it'))
    const spec = pod['spec'] as Json
    const initContainers = [{ name: 'istio-proxy' }, {}, ...(spec['initContainers'] as Json[])]
    expect(await see({ ...pod, spec: { ...spec, initContainers } })).toMatchObject([
      {
        fix: expect.stringMatching(
          /^Something that starts before it listens there \(istio-proxy.*metrics-port: "9799"\.$/,
        ),
      },
    ])
  })

  test('for a reason of its own', async () => {
    expect(await see(podInState(ended('SettingInvalid: LANYARD_X: no. Give a value')))).toMatchObject([
      { verdict: 'fail', code: 'SettingInvalid', message: 'LANYARD_X: no. Give a value' },
    ])
  })

  test('killed', async () => {
    expect(await see(podInState(ended('', 137)))).toMatchObject([
      {
        code: 'SidecarNotRunning',
        message: expect.stringContaining('want of memory'),
        fix: 'Raise lanyard.dev/sidecar-memory-limit.',
      },
    ])
  })
})

test.each([
  ['kubelet says nothing yet', undefined],
  ['its gate is not over', { state: { running: {} } }],
  ['its turn has not come', { state: { waiting: { reason: 'PodInitializing' } } }],
])('is starting: %s', async (_, status) => {
  const pod = status === undefined ? { ...injectedPod(), status: {} } : podInState(status)
  expect(await see(pod)).toEqual([{ verdict: 'ok', subject: 'pod/web', message: 'it is starting' }])
})
