import { afterAll, beforeAll, expect, test } from 'vitest'
import { apply, get, kubectl, podReady, said, tryApply, waitFor } from './support/kubectl.ts'
import { ensureInstalled, webhookMetrics, webhookPods } from './support/lanyard.ts'
import { apiServer, type Created, post, type Server } from './support/load.ts'
import { cutConnections } from './support/node.ts'
import { NAMESPACE } from './support/settings.ts'
import { roleArn } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod, sidecarOf, tinyPod, workload } from './support/workloads.ts'

const WHERE = 'e2e-sources'
const LABELLED = 'e2e-sources-labelled'
const CROWD = ['e2e-sources-crowd', 'e2e-sources-cut'] as const

beforeAll(async () => {
  await ensureInstalled()
  await makeNamespace(WHERE)
  await makeNamespace(LABELLED, { 'lanyard.dev/injection': 'enabled' })
  for (const name of CROWD) await makeNamespace(name, { 'lanyard.dev/injection': 'enabled' })
})
afterAll(() => Promise.all([WHERE, LABELLED, ...CROWD].map(dropNamespace)))

const account = (name: string, where: string, annotations: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: where, annotations },
})
const roleOf = (name: string): Readonly<Record<string, string>> => ({ 'lanyard.dev/role-arn': roleArn(name) })
const asks = { 'lanyard.dev/inject': 'true' }
const inherits = { role: undefined, annotations: asks }

test("a pod that says inject has the role of its ServiceAccount, and one that says nothing is nobody's business", async () => {
  await apply([account('web', WHERE, roleOf('web'))])
  await apply([
    pod('inherits', WHERE, { ...inherits, spec: { serviceAccountName: 'web' } }),
    pod('silent', WHERE, { role: undefined, script: 'sleep infinity', spec: { serviceAccountName: 'web' } }),
  ])
  await podReady('inherits', WHERE)
  await said(/assumed-role\/web\//, 'inherits', WHERE)
  expect(sidecarOf(await podReady('silent', WHERE))).toBeUndefined()
})

test('in a labelled namespace, pods that say nothing have the role of their ServiceAccount, else of the namespace', async () => {
  await apply([account('web', LABELLED, roleOf('web')), account('none', LABELLED)])
  await kubectl(['annotate', 'namespace', LABELLED, `lanyard.dev/role-arn=${roleArn('worker')}`])
  await apply([
    workload('Deployment', 'by-account', LABELLED, { role: undefined, spec: { serviceAccountName: 'web' } }),
    pod('by-namespace', LABELLED, { role: undefined, spec: { serviceAccountName: 'none' } }),
    pod('out', LABELLED, { role: undefined, annotations: { 'lanyard.dev/inject': 'false' }, script: 'sleep infinity' }),
  ])
  await podReady('by-namespace', LABELLED)
  await said(/assumed-role\/worker\//, 'by-namespace', LABELLED)
  const [byAccount] = await waitFor('the pod of the Deployment', async () => {
    const { items } = JSON.parse(await kubectl(['get', 'pods', '-n', LABELLED, '-l', 'app=by-account', '-o', 'json']))
    return items.length === 1 ? items : undefined
  })
  await said(/assumed-role\/web\//, byAccount.metadata.name, LABELLED)
  expect(sidecarOf(await podReady('out', LABELLED))).toBeUndefined()
})

test('a role that the namespace does not permit is denied, with what it permits; of the ServiceAccount too', async () => {
  await kubectl(['annotate', 'namespace', WHERE, `lanyard.dev/permitted-roles=${roleArn('web')}`, '--overwrite'])
  await apply([account('worker', WHERE, roleOf('worker'))])
  const denied = await waitFor('the denial', async () => {
    const { stderr } = await tryApply([pod('denied', WHERE, { role: 'worker' })], '--dry-run=server')
    return stderr.includes('RoleNotPermitted') ? stderr : undefined
  })
  expect(denied).toContain(
    `${roleArn('worker')} is not permitted in namespace ${WHERE}; permitted there: ${roleArn('web')}`,
  )
  const inherited = await tryApply(
    [pod('denied', WHERE, { ...inherits, spec: { serviceAccountName: 'worker' } })],
    '--dry-run=server',
  )
  expect(inherited.stderr).toContain(
    'RoleNotPermitted: ServiceAccount worker: metadata.annotations[lanyard.dev/role-arn]',
  )
  expect((await tryApply([pod('permitted', WHERE)], '--dry-run=server')).code).toBe(0)
})

const CLIENTS = 20
const EACH = 10

/** From each client at once, again and again: a ServiceAccount, and at the same moment its pod. */
async function crowd(where: string, atHalf: () => Promise<void> = async () => {}): Promise<readonly string[]> {
  const server = await apiServer()
  const problems: string[] = []
  let created = 0
  const halfway = Promise.withResolvers<void>()
  const client = async (number: number): Promise<void> => {
    for (let turn = 0; turn < EACH; turn += 1) {
      const problem = wrongIn(await createBoth(server, where, `web-${number}-${turn}`), `role-${number}-${turn}`)
      if (problem !== undefined) problems.push(problem)
      created += 1
      if (created === (CLIENTS * EACH) / 2) halfway.resolve()
    }
  }
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  await halfway.promise
  await atHalf()
  await clients
  server.agent.destroy()
  expect(created).toBe(CLIENTS * EACH)
  return problems
}

async function createBoth(server: Server, where: string, name: string): Promise<Created> {
  const own = account(name, where, roleOf(name.replace('web', 'role')))
  await post(server, `/api/v1/namespaces/${where}/serviceaccounts`, JSON.stringify(own))
  const base = tinyPod(where, { name, generateName: undefined }, false) as { readonly spec: object }
  // Nothing of it is to run: it is the admission that counts.
  const spec = { ...base.spec, serviceAccountName: name, nodeSelector: { nowhere: 'is' } }
  return post(server, `/api/v1/namespaces/${where}/pods`, JSON.stringify({ ...base, spec }))
}

function wrongIn({ status, object }: Created, role: string): string | undefined {
  if (status !== 201) return `${status} ${object['message']}`
  const env: readonly { readonly name: string; readonly value?: string }[] = sidecarOf(object)?.['env'] ?? []
  const is = env.find(({ name }) => name === 'LANYARD_ROLE_ARN')?.value
  return is === roleArn(role) ? undefined : `${object.metadata.name} has ${is}, not ${roleArn(role)}`
}

test(`${CLIENTS * EACH} ServiceAccounts, each with its pod at the same moment: every pod has its role`, async () => {
  expect(await crowd(CROWD[0])).toEqual([])
})

test('the same while the watches are cut; they heal', async () => {
  const pods = await webhookPods()
  const before = await webhookMetrics()
  const cut: number[] = []
  const problems = await crowd(CROWD[1], async () => {
    for (const { metadata } of pods) cut.push(await cutConnections(metadata.uid ?? '', '/app/webhook.cjs'))
  })
  expect(problems).toEqual([])
  // Two for the authority, two for ServiceAccounts and namespaces.
  for (const count of cut) expect(count).toBeGreaterThanOrEqual(4)
  const logs = await Promise.all(pods.map(({ metadata }) => kubectl(['logs', metadata.name, '-n', NAMESPACE])))
  for (const text of logs) expect(text).toMatch(/"object":"serviceaccounts".*"msg":"watch interrupted"/)
  await waitFor('every watch has gone on', async () => {
    const now = await webhookMetrics()
    const of = (metrics: ReadonlyMap<string, number>): number =>
      metrics.get('lanyard_watch_last_sync_timestamp_seconds{resource="serviceaccounts"}') ?? 0
    return of(now) > of(before) ? true : undefined
  })
  expect((await get('namespace', CROWD[1])).metadata.name).toBe(CROWD[1])
})
