import { describe, expect, test } from 'vitest'
import { Failure } from '../../../src/errors/index.ts'
import { type Fleet, type Looking, look, nothingSeen, type Target } from '../../../src/status/index.ts'
import { createVirtualClock } from '../../support/virtualClock.ts'
import { exposition, fine, MINUTE, NOW, podOf, roleOf } from './support.ts'

const clock = createVirtualClock({ start: NOW })
type Metrics = (target: Target, signal: AbortSignal) => string | Promise<string>

const fleetOf = (pods: readonly unknown[], metrics: Metrics = () => exposition([fine]), version?: string): Fleet => ({
  async *pods() {
    for (const pod of pods) yield [pod]
  },
  metrics: async (target, signal) => metrics(target, signal),
  version: async () => version,
})
const lookingAt = (fleet: Fleet): Looking => ({ fleet, clock, namespace: undefined, timeout: 3_000 })
const roundOf = async (...parts: Parameters<typeof fleetOf>) =>
  (await look(lookingAt(fleetOf(...parts)), nothingSeen)).round
const rowsOf = async (...parts: Parameters<typeof fleetOf>) => (await roundOf(...parts)).rows
const refusing = (code: Failure['code'], message: string) => (): string => {
  throw new Failure({ code, message })
}

describe('a row for each session of a pod', () => {
  test('with its containers, role and times', async () => {
    const roles = { app: roleOf('web'), init: roleOf('web'), worker: roleOf('worker') }
    const sessions = [fine, { ...fine, session: 'worker', role: roleOf('worker') }]
    const asked: Target[] = []
    const rows = await rowsOf([podOf('web', { roles, port: 9900 })], (target) => {
      asked.push(target)
      return exposition(sessions, NOW, '1.1.0')
    })
    expect(asked).toEqual([{ namespace: 'shop', pod: 'web', port: 9900 }])
    const common = { namespace: 'shop', pod: 'web', state: 'ok', mode: 'sidecar', version: '1.1.0', failures: {} }
    const times = { expires: NOW + fine.expiresIn, refreshed: NOW - fine.refreshedAgo }
    expect(rows).toEqual([
      { ...common, ...times, session: 'default', role: roleOf('web'), containers: ['app', 'init'] },
      { ...common, ...times, session: 'worker', role: roleOf('worker'), containers: ['worker'] },
    ])
  })

  test('by what the pod says of itself, if the webhook wrote nothing that can be read', async () => {
    for (const written of ['', '{', '[]', '{"roles":[]}', '{"roles":{"app":7}}', `"${'x'.repeat(70_000)}"`]) {
      const rows = await rowsOf([podOf('web', { annotations: { 'lanyard.dev/status': written } })])
      expect(rows).toMatchObject([{ session: 'default', containers: [], mode: 'sidecar', state: 'ok' }])
    }
  })

  test('modes: imds, and an app that asks STS itself, by role', async () => {
    const roles = { app: roleOf('web'), other: roleOf('web'), third: roleOf('worker') }
    const rows = await rowsOf([podOf('legacy', { mode: 'imds' }), podOf('self', { mode: 'direct', roles })])
    expect(rows).toMatchObject([
      { pod: 'legacy', mode: 'imds', state: 'ok' },
      { pod: 'self', mode: 'direct', state: 'direct', role: roleOf('web'), containers: ['app', 'other'] },
      { pod: 'self', mode: 'direct', state: 'direct', role: roleOf('worker'), containers: ['third'] },
    ])
  })

  test('a broker has one of its own', async () => {
    const told = (target: Target): Promise<string> | string =>
      target.port === 9798
        ? exposition([fine])
        : 'lanyard_build_info{version="1.2.0"} 1\nlanyard_user_credentials_cache_entries 7\n'
    const rows = await rowsOf([podOf('files', { broker: true })], told)
    expect(rows[1]).toEqual({
      ...{ namespace: 'shop', pod: 'files', state: 'ok', mode: 'broker', containers: [], users: 7, version: '1.2.0' },
    })
    const silent = await rowsOf([podOf('files', { broker: true })], (target) =>
      target.port === 9798 ? exposition([fine]) : 'else 1\n',
    )
    expect(silent[0]).toMatchObject({ mode: 'broker', state: 'unseen', trouble: { word: 'not Lanyard' } })
  })
})

describe('a pod that says nothing has a row that says why', () => {
  const waiting = (reason: string) => ({ waiting: { reason } })
  type Silence = readonly [
    name: string,
    state: string,
    word: string,
    parts: Parameters<typeof podOf>[1],
    metrics?: Metrics,
  ]
  const silences: readonly Silence[] = [
    ['no right', 'unseen', 'forbidden', {}, refusing('ClusterForbidden', 'get: HTTP 403: no')],
    ['no right, however young', 'unseen', 'forbidden', { ago: 1 }, refusing('ClusterForbidden', 'get: HTTP 403: no')],
    ['no answer', 'unseen', 'no answer', {}, refusing('ClusterUnreachable', 'get: HTTP 503: refused')],
    ['no answer yet', 'starting', 'no answer', { ago: 1_000 }, refusing('ClusterUnreachable', 'get: HTTP 503')],
    ['a refusal of its own', 'unseen', 'unreadable', {}, refusing('ClusterAnswerInvalid', 'get: the pod itself')],
    ['something else answers', 'unseen', 'unreadable', {}, () => '<html>'],
    ['something else with metrics', 'unseen', 'not Lanyard', {}, () => 'up 1\n'],
    ['its image cannot be had', 'down', 'ImagePullBackOff', { state: waiting('ImagePullBackOff') }],
    ['it has ended', 'down', 'OOMKilled', { state: { terminated: { reason: 'OOMKilled' } } }],
    ['it has ended for no reason', 'down', 'Terminated', { state: { terminated: {} } }],
    [
      'no node has room',
      'down',
      'Unschedulable',
      {
        status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
      },
    ],
    [
      'no node, and nobody says why',
      'down',
      'Unschedulable',
      { status: { conditions: [{ type: 'PodScheduled', status: 'False' }] } },
    ],
    ['not begun', 'starting', 'not started', { ago: 5_000, status: { phase: 'Pending' } }],
    ['never begun', 'down', 'not started', { status: null }],
    [
      'it is being deleted',
      'ending',
      'no answer',
      { metadata: { deletionTimestamp: 'x' } },
      refusing('ClusterUnreachable', 'x'),
    ],
    [
      'it has no sidecar',
      'uninjected',
      'PodNotInjected',
      { sidecar: false, annotations: { 'lanyard.dev/role-arn': 'x' } },
    ],
  ]
  test.each(silences.map((silence) => [silence[0], silence] as const))('%s', async (_, silence) => {
    const [, state, word, parts, metrics = () => 'never'] = silence
    const rows = await rowsOf([podOf('web', parts)], metrics)
    expect(rows).toMatchObject([{ pod: 'web', state, trouble: { word } }])
  })

  test('its last words are better than what the cluster says', async () => {
    const lastState = { terminated: { message: 'default: StsAccessDenied: Not authorized.\nmore' } }
    const rows = await rowsOf([podOf('web', { state: waiting('CrashLoopBackOff'), lastState })])
    expect(rows).toMatchObject([
      {
        state: 'down',
        role: roleOf('web'),
        containers: ['app'],
        trouble: { code: 'StsAccessDenied', word: 'StsAccessDenied' },
      },
    ])
    const made = await rowsOf([
      podOf('web', {
        state: waiting('CrashLoopBackOff'),
        lastState: { terminated: { message: 'constructor: toString: x' } },
      }),
    ])
    expect(made).toMatchObject([{ trouble: { word: 'CrashLoopBackOff' } }])
  })

  test('one that does not answer in time is told to end, and stops nobody else', async () => {
    let ended = false
    const slow: Metrics = ({ pod }, signal) =>
      pod === 'slow'
        ? new Promise((_, reject) =>
            signal.addEventListener('abort', () => {
              ended = true
              reject(new Failure({ code: 'ClusterUnreachable', message: 'aborted' }))
            }),
          )
        : exposition([fine])
    const looking = rowsOf([podOf('slow'), podOf('web')], slow)
    await clock.advance(3_000)
    expect(await looking).toMatchObject([
      { pod: 'slow', state: 'unseen', trouble: { word: 'no answer', message: 'no answer within 3 s' } },
      { pod: 'web', state: 'ok' },
    ])
    expect(ended).toBe(true)
    expect(clock.pending()).toBe(0)
  })

  test('what is a bug of ours ends the round', async () => {
    await expect(rowsOf([podOf('web')], () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError)
  })
})

describe('a round', () => {
  test('leaves out what is no concern of ours, and counts what has finished', async () => {
    const others = [
      null,
      7,
      {},
      { metadata: { name: 'a' }, spec: {} },
      { metadata: { name: '../x', namespace: 'shop' }, spec: {} },
    ]
    const plain = podOf('plain', { sidecar: false, annotations: {} })
    const declined = podOf('declined', {
      sidecar: false,
      annotations: { 'lanyard.dev/inject': 'false', 'lanyard.dev/region': 'x' },
    })
    const done = podOf('done', { status: { phase: 'Succeeded' } })
    const round = await roundOf([...others, plain, declined, done, podOf('web')], undefined, '1.0.0')
    expect(round).toMatchObject({ pods: 1, finished: 1, version: '1.0.0', namespace: undefined })
    expect(round.rows.map(({ pod }) => pod)).toEqual(['web'])
  })

  test('has the troubled first, then by namespace and name', async () => {
    const told: Readonly<Record<string, object>> = {
      b: { refreshedAgo: MINUTE },
      c: {},
      d: { expiresIn: 20 * MINUTE, refreshedAgo: 40 * MINUTE },
    }
    const pods = [
      podOf('self', { mode: 'direct' }),
      podOf('z', { namespace: 'a' }),
      ...['a', 'd', 'c', 'b'].map((name) => podOf(name)),
    ]
    const rows = await rowsOf(pods, ({ pod }) => exposition([told[pod] ?? fine]))
    expect(rows.map(({ pod, state }) => `${pod} ${state}`)).toEqual([
      'b expired',
      'c none',
      'd failing',
      'z ok',
      'a ok',
      'self direct',
    ])
  })

  test('asks sixteen at a time, and each once', async () => {
    let open = 0
    let most = 0
    const asked: string[] = []
    const pods = Array.from({ length: 1_000 }, (_, index) => podOf(`web-${index}`))
    const text = await exposition([fine])
    const rows = await rowsOf(pods, async ({ pod }) => {
      asked.push(pod)
      open += 1
      most = Math.max(most, open)
      await new Promise((resolve) => setImmediate(resolve))
      open -= 1
      return text
    })
    expect([most, asked.length, new Set(asked).size, rows.length]).toEqual([16, 1_000, 1_000, 1_000])
  })

  test('tells the next one what it saw, also of a pod that is silent for once', async () => {
    const text = (count: number) => exposition([{ ...fine, failures: { StsThrottled: count } }])
    const pods = [podOf('web')]
    const first = await look(lookingAt(fleetOf(pods, () => text(1))), nothingSeen)
    const silent = await look(lookingAt(fleetOf(pods, refusing('ClusterUnreachable', 'x'))), first.memory)
    expect(silent.round.rows).toMatchObject([{ state: 'unseen' }])
    const third = await look(lookingAt(fleetOf(pods, () => text(2))), silent.memory)
    expect(third.round.rows).toMatchObject([{ state: 'failing', trouble: { code: 'StsThrottled' } }])
    const gone = await look(lookingAt(fleetOf([], () => text(3))), third.memory)
    expect([gone.round.rows, gone.memory.size]).toEqual([[], 0])
    // Another pod of that name.
    const anew = await look(lookingAt(fleetOf([podOf('web', { uid: 'other' })], () => text(3))), third.memory)
    expect(anew.round.rows).toMatchObject([{ state: 'ok' }])
  })
})
