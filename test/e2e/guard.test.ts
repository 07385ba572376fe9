import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forged, forgeries } from './support/guardCases.ts'
import { CHAINED, federationFor, IDP_AUDIENCE, shapes } from './support/guardFederation.ts'
import { federatedForgeries } from './support/guardFederationCases.ts'
import { OTHER_ROLE, say } from './support/guardSidecars.ts'
import { AUDIENCE, createAs, debugAs, developerIn, isOther, userOf, ways } from './support/guardWays.ts'
import {
  apply,
  create,
  get,
  inside,
  type KubeObject,
  kubectl,
  list,
  podReady,
  rolledOut,
  said,
  tryApply,
  tryKubectl,
  waitFor,
} from './support/kubectl.ts'
import { ensureInstalled } from './support/lanyard.ts'
import { authority, roleArn } from './support/sts.ts'
import type { As } from './support/token.ts'
import { dropNamespace, job, makeNamespace, pod, sidecarOf, workload } from './support/workloads.ts'

const WHERE = 'e2e-guard'
const PATTERNS = 'e2e-guard-patterns'
const VICTIM = 'victim'
/** A policy reads no ConfigMap, so the authority of STS is a value. */
const required = async (more: object = {}): Promise<void> =>
  ensureInstalled({
    config: { permission: { mode: 'required' }, ...federationFor(WHERE) },
    stsCa: { configMap: '', pem: await authority() },
    ...more,
  })

let developer: As
/** What Lanyard makes of a pod, which forgers copy. */
let injected: KubeObject

const permit = (where: string, roles: string): Promise<string> =>
  kubectl(['annotate', 'namespace', where, '--overwrite', `lanyard.dev/permitted-roles=${roles}`])
const tryToken = (...args: readonly string[]) => developer(['create', 'token', 'default', ...inside(WHERE), ...args])

beforeAll(async () => {
  await Promise.all([WHERE, PATTERNS].map((name) => makeNamespace(name)))
  await permit(WHERE, `${roleArn('web')} ${CHAINED}`)
  await required()
  developer = await developerIn(WHERE)
  await apply([pod(VICTIM, WHERE)])
  await podReady(VICTIM, WHERE)
  const { code, stdout, stderr } = await createAs(developer, pod('copy', WHERE), '--dry-run=server', '-o', 'json')
  expect(code, stderr).toBe(0)
  injected = JSON.parse(stdout)
  await waitFor('the guard is there', async () =>
    (await tryToken('--audience', AUDIENCE)).code === 1 ? true : undefined,
  )
})
afterAll(async () => {
  await ensureInstalled()
  await Promise.all([dropNamespace(WHERE), dropNamespace(PATTERNS)])
})

describe('with the guard', () => {
  test.each(ways)('$name is refused, and said why', async ({ go, words }) => {
    const before = await get('pod', VICTIM, WHERE)
    const { code, stderr } = await go(developer, VICTIM, WHERE)
    expect(stderr).toMatch(words)
    expect(code).toBe(1)
    expect((await get('pod', VICTIM, WHERE))['spec']).toEqual(before['spec'])
  })

  test('a pod that Lanyard has injected passes, and so does its copy', async () => {
    const copy = forged(injected, { name: 'nothing', forge: () => {} })
    const { code, stderr } = await createAs(developer, copy, '--dry-run=server')
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test('a pod that asks by IMDS passes, and so does its copy', async () => {
    const annotations = { 'lanyard.dev/protocol': 'imds' }
    const asked = await createAs(developer, pod('imds', WHERE, { annotations }), '--dry-run=server', '-o', 'json')
    expect(asked.stderr).toBe('')
    const made: KubeObject = JSON.parse(asked.stdout)
    expect(sidecarOf(made)?.['env']).toContainEqual({ name: 'LANYARD_PROTOCOL', value: 'imds' })
    const copy = await createAs(developer, forged(made, { name: 'imds', forge: () => {} }), '--dry-run=server')
    expect(copy.stderr).toBe('')
    expect(copy.code).toBe(0)
  })

  test.each(forgeries)('a forged pod: $name', async (forgery) => {
    const { code, stderr } = await createAs(developer, forged(injected, forgery), '--dry-run=server')
    expect(stderr).toMatch(forgery.words)
    expect(code).toBe(1)
  })

  test('an administrator is refused too', async () => {
    const { code, stderr } = await tryKubectl(['create', 'token', 'default', ...inside(WHERE), '--audience', AUDIENCE])
    expect(stderr).toMatch(/have the operator exempt the account/)
    expect(code).toBe(1)
  })
})

/** What Lanyard makes of each shape of a pod, and copies of it without annotations. */
describe('with identity providers and users', () => {
  const all = new Map<string, KubeObject>()
  beforeAll(async () => {
    for (const [name, { annotations, spec }] of Object.entries(shapes)) {
      const base = pod(`asked-${name}`, WHERE, { annotations }) as KubeObject
      const volumes = [...base['spec'].volumes, ...((spec as { volumes?: object[] } | undefined)?.volumes ?? [])]
      const asked = { ...base, spec: { ...base['spec'], ...spec, volumes } }
      const { code, stdout, stderr } = await createAs(developer, asked, '--dry-run=server', '-o', 'json')
      expect(stderr).not.toMatch(/denied|forbidden/i)
      expect(code, stderr).toBe(0)
      all.set(name, JSON.parse(stdout))
    }
  })
  const shapeOf = (name: string): KubeObject => {
    const found = all.get(name)
    if (found === undefined) throw new Error(`there is no shape ${name}`)
    return found
  }

  test.each(Object.keys(shapes))('a pod that Lanyard has injected passes, and so does its copy: %s', async (name) => {
    const { code, stderr } = await createAs(
      developer,
      forged(shapeOf(name), { name, forge: () => {} }),
      '--dry-run=server',
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test.each(federatedForgeries)('a forged pod: $name', async (forgery) => {
    const { code, stderr } = await createAs(developer, forged(shapeOf(forgery.of), forgery), '--dry-run=server')
    expect(stderr).toMatch(forgery.words)
    expect(code).toBe(1)
  })

  test('a token for an identity provider is refused', async () => {
    const { code, stderr } = await tryToken('--audience', IDP_AUDIENCE)
    expect(stderr).toMatch(/a token of a ServiceAccount for \S+ is taken by AWS or an identity provider/)
    expect(code).toBe(1)
  })

  test('nobody gets into a broker, or beside its processes', async () => {
    const { annotations } = shapes['users'] ?? {}
    expect((await createAs(developer, pod('broker', WHERE, { annotations: { ...annotations } }))).stderr).toBe('')
    const broker = 'lanyard-broker'
    const into = await developer(['exec', 'broker', ...inside(WHERE), '-c', broker, '--', 'true'])
    expect(into.stderr).toMatch(/who gets into the sidecar of Lanyard has its token, .* or the credentials of users/)
    expect(into.code).toBe(1)
    const beside = await debugAs(developer, 'broker', WHERE, { name: 'a', targetContainerName: broker })
    expect(beside.stderr).toMatch(/an ephemeral container would share the processes of Lanyard's sidecar/)
    const mounting = { name: 'b', volumeMounts: [{ name: broker, mountPath: '/stolen' }] }
    expect((await debugAs(developer, 'broker', WHERE, mounting)).stderr).toMatch(/mounts a volume of Lanyard's sidecar/)
    const renamed = await developer(['set', 'image', 'pod/broker', ...inside(WHERE), `${broker}=evil:1`])
    expect(renamed.stderr).toMatch(/the image of the sidecar of a running pod stays the operator's/)
  })
})

describe('the roles that a namespace is permitted', () => {
  const account = roleArn('').replace('role/', '')
  beforeAll(() =>
    permit(PATTERNS, `${roleArn('exact.a+b')}  ${roleArn('team-*')}\n${roleArn('path/*/x')} nonsense * .*`),
  )

  test.each<[string, boolean]>([
    [roleArn('exact.a+b'), true],
    [roleArn('exactxa+b'), false],
    [roleArn('exact.aab'), false],
    [roleArn('exact.a+b-and-more'), false],
    [roleArn('team-'), true],
    [roleArn('team-a'), true],
    [roleArn('team-a/b'), false],
    [roleArn('my/team-a'), false],
    [roleArn('path/a/x'), true],
    [roleArn('path/a/b/x'), false],
    [roleArn('path/x'), false],
    [`${account}user/team-a`, false],
    ['arn:aws:iam::999999999999:role/team-a', false],
    ['arn:aws-cn:iam::111122223333:role/team-a', false],
    ['nonsense', false],
    [`${roleArn('team-a')} ${OTHER_ROLE}`, false],
  ])('%s: %s', async (role, isPermitted) => {
    const copy = forged(injected, { name: 'role', forge: ({ sidecar }) => say(sidecar, 'LANYARD_ROLE_ARN', role) })
    const there = { ...copy, metadata: { ...copy.metadata, namespace: PATTERNS } }
    const { code, stderr } = await create([there], '--dry-run=server')
    if (isPermitted) expect(stderr).toBe('')
    else
      expect(stderr).toMatch(/is not permitted in namespace e2e-guard-patterns: use another.*permitted there is arn:/)
    expect(code).toBe(isPermitted ? 0 : 1)
  })
})

describe('nobody else notices the guard', () => {
  test('a Deployment rolls', async () => {
    await apply([workload('Deployment', 'web', WHERE)])
    await rolledOut('deployment/web', WHERE)
    await kubectl(['rollout', 'restart', 'deployment/web', ...inside(WHERE)])
    await rolledOut('deployment/web', WHERE)
  })

  test('a Job completes, and its pods lose their finalizers', async () => {
    await apply([job('batch', WHERE)])
    await kubectl(['wait', 'job/batch', ...inside(WHERE), '--for=condition=Complete', '--timeout=90s'])
    await waitFor('the finalizers are gone', async () => {
      const pods = await list('pods', WHERE, 'job-name=batch')
      return pods.length > 0 && pods.every(({ metadata }) => !('finalizers' in metadata)) ? true : undefined
    })
  })

  test('a pod of no interest to Lanyard has its token of the API server', async () => {
    const script = 'test -s /var/run/secrets/kubernetes.io/serviceaccount/token && echo THERE'
    await apply([pod('plain', WHERE, { role: undefined, script, restartPolicy: 'Never' })])
    await said(/THERE/, 'plain', WHERE)
  })

  test('a pod with an empty projected volume, which the API server hands on as null', async () => {
    const base = pod('empty-volume', WHERE, { role: undefined, script: 'sleep infinity' }) as {
      spec: { volumes: object[] }
    }
    base.spec.volumes.push({ name: 'nothing', projected: {} })
    expect((await tryApply([base], '--dry-run=server')).stderr).toBe('')
  })

  test('a node renews the tokens of its pods', async () => {
    const victim = await get('pod', VICTIM, WHERE)
    const node = [`--as=system:node:${victim['spec'].nodeName}`, '--as-group=system:nodes']
    const bound = ['Pod', VICTIM, victim.metadata.uid ?? ''].map(
      (value, index) => `--bound-object-${['kind', 'name', 'uid'][index]}=${value}`,
    )
    const { code, stderr } = await tryKubectl([
      ...['create', 'token', 'default', ...inside(WHERE), '--audience', AUDIENCE],
      ...node,
      ...bound,
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test.each<[string, (as: As) => ReturnType<As>]>([
    ['labels', (as) => as(['label', 'pod', VICTIM, ...inside(WHERE), '--overwrite', 'x=y'])],
    ['annotations', (as) => as(['annotate', 'pod', VICTIM, ...inside(WHERE), '--overwrite', 'example.com/x=y'])],
    ['a command in the app', (as) => as(['exec', VICTIM, ...inside(WHERE), '--', 'true'])],
    ['a command in the app by name', (as) => as(['exec', VICTIM, ...inside(WHERE), '-c', 'app', '--', 'true'])],
    ['an ephemeral container', (as) => debugAs(as, VICTIM, WHERE, { name: 'look', command: ['true'] })],
    ['a token of the API server', () => tryToken()],
    ['a token for somebody else', () => tryToken('--audience', 'vault')],
  ])('%s', async (_, go) => {
    const { code, stderr } = await go(developer)
    expect(stderr).not.toMatch(/denied|forbidden/i)
    expect(code).toBe(0)
  })

  test('nor do those who are exempt', async () => {
    await required({ guard: { exemptUsers: [userOf(WHERE)] } })
    await waitFor('it is known', async () => ((await tryToken('--audience', AUDIENCE)).code === 0 ? true : undefined))
  })
})

describe('without the guard', () => {
  beforeAll(async () => {
    await required({ guard: { enabled: false } })
    const all = await list('validatingadmissionpolicies')
    expect(all.filter(({ metadata }) => metadata.name.includes('guard'))).toEqual([])
    await waitFor('it is gone', async () =>
      (await createAs(developer, forged(injected, { name: 'x', forge: () => {} }), '--dry-run=server')).code === 0 &&
      (await tryToken('--audience', AUDIENCE)).code === 0
        ? true
        : undefined,
    )
  })

  test.each(ways)('$name is a way round', async ({ go, proof }) => {
    const ran = await go(developer, VICTIM, WHERE)
    expect(ran.stderr).not.toMatch(/denied|forbidden/i)
    await proof(ran, VICTIM, WHERE)
  })

  test('a pod with a sidecar of its own making has a role that is not permitted', async () => {
    const role = forgeries.find(({ name }) => name === 'another role')
    if (role === undefined) throw new Error('there is no such forgery')
    const thief = forged(injected, role)
    expect(sidecarOf(thief)).toBeDefined()
    const { code, stderr } = await createAs(developer, thief)
    expect(stderr).toBe('')
    expect(code).toBe(0)
    await isOther(thief.metadata.name, WHERE)
  })
})
