import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fencedIn } from '../integration/docs/pages.ts'
import { deployEks, EKS_SKIP, removeEks } from './support/eks.ts'
import { EKS_WEBHOOK } from './support/eksWebhook.ts'
import { apply, type KubeObject, list, podReady, said, tryApply, waitFor } from './support/kubectl.ts'
import { ensureInstalled } from './support/lanyard.ts'
import { AGENT_URL, agentAsked, deployAgent } from './support/nodeAgent.ts'
import { must } from './support/shell.ts'
import { roleArn } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod, sidecarOf, WHO_AM_I, workload } from './support/workloads.ts'

const WHERE = 'e2e-migration'
/** Has an EKS Pod Identity association. */
const ASSOCIATED = 'associated'

beforeAll(async () => {
  await Promise.all([makeNamespace(WHERE), ensureInstalled()])
  await apply([irsaAccount('web'), account(ASSOCIATED), account('node')])
  await deployEks([WHERE], [`${WHERE}/${ASSOCIATED}`])
  await waitFor('the API server calls it', async () => {
    const { stdout } = await tryApply([plain('probe', 'web')], '--dry-run=server', '-o', 'yaml')
    return stdout.includes('aws-iam-token') ? true : undefined
  })
})
afterAll(async () => {
  await removeEks()
  await ensureInstalled()
  await dropNamespace(WHERE)
})

const account = (name: string, annotations: Readonly<Record<string, string>> = {}): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace: WHERE, annotations },
})
const irsaAccount = (name: string): object => account(name, { 'eks.amazonaws.com/role-arn': roleArn('web') })
const asks = { 'lanyard.dev/role-arn': roleArn('web') }
const skips = { [EKS_SKIP]: 'true' }

/** A pod that says nothing to Lanyard but what is given. */
const plain = (
  name: string,
  serviceAccountName: string,
  more: { readonly annotations?: Readonly<Record<string, string>>; readonly labels?: typeof skips } = {},
): object => pod(name, WHERE, { role: undefined, ...more, spec: { serviceAccountName } })

/** It stays up without credentials as well: the agents of others are not here. */
const deployment = (name: string, serviceAccountName: string, annotations = {}, variables = {}): object =>
  workload('Deployment', name, WHERE, {
    role: undefined,
    annotations,
    script: [
      ...Object.entries(variables).map(([key, value]) => `export ${key}=${value}`),
      WHO_AM_I,
      'sleep infinity',
    ].join('; '),
    spec: { serviceAccountName },
  })

/** The one pod that a Deployment has once it has settled. */
const podOf = (name: string): Promise<KubeObject> =>
  waitFor(`one pod of ${name}`, async () => {
    const [only, ...others] = await list('pods', WHERE, `app=${name}`)
    return others.length === 0 ? only : undefined
  })

async function saidBy(name: string): Promise<string> {
  const { metadata } = await podOf(name)
  return said(/assumed-role/, metadata.name, WHERE)
}

type Variable = { readonly name: string; readonly value?: string }
const variablesOf = (object: KubeObject): Readonly<Record<string, string>> =>
  Object.fromEntries(object['spec'].containers[0].env.map(({ name, value = '' }: Variable) => [name, value]))
const volumesOf = (object: KubeObject): readonly string[] =>
  object['spec'].volumes.map(({ name }: { readonly name: string }) => name)

/** The commands that a page shows for this suite, in its order, for the namespace that the STS here trusts. */
const MARK = '<!-- run by test/e2e/migration.test.ts -->'
const commandsOf = (page: string): readonly string[] =>
  fencedIn(`docs/operators/${page}.md`)
    .filter(({ before }) => before.endsWith(MARK))
    .map(({ body }) => body.replaceAll(/\bshop\b/g, WHERE))

const follow = (commands: string | undefined): Promise<string> =>
  must('bash', ['-euo', 'pipefail', '-c', commands ?? 'false'], { timeout: 150_000 })

describe('beside the webhook of IRSA', () => {
  const page = commandsOf('migrate-irsa')
  const [who, one, oneBack, all, look, allBack] = page

  test('each does what it is asked for: no pod of one is touched by the other', async () => {
    expect(page).toHaveLength(6)
    await apply([deployment('web', 'web'), pod('own', WHERE)])
    expect(await saidBy('web')).toMatch(/assumed-role\/web\/botocore-session-/)
    const theirs = await podOf('web')
    expect(sidecarOf(theirs)).toBeUndefined()
    expect(JSON.stringify(theirs).includes('lanyard.dev')).toBe(false)
    const ours = await podReady('own', WHERE)
    expect(await said(/assumed-role/, 'own', WHERE)).toContain(`assumed-role/web/${WHERE}.default.own`)
    expect(volumesOf(ours)).not.toContain('aws-iam-token')
    expect(await follow(who)).toContain(roleArn('web'))
  })

  test('a pod that asks both is refused, and told by whom and what to do', async () => {
    const { code, stderr } = await tryApply([plain('both', 'web', { annotations: asks })], '--dry-run=server')
    expect(code).toBe(1)
    expect(stderr).toContain('EnvWinsOverLanyard: spec.containers[0].env[')
    expect(stderr).toContain('the EKS pod identity webhook (IRSA) writes it')
  })

  test("with EKS's label it has Lanyard alone, one Deployment at a time, and goes back", async () => {
    await follow(one)
    const moved = await podOf('web')
    expect(await saidBy('web')).toContain(`assumed-role/web/${WHERE}.web.web-`)
    expect(volumesOf(moved)).not.toContain('aws-iam-token')
    expect(variablesOf(moved)).not.toHaveProperty('AWS_WEB_IDENTITY_TOKEN_FILE')
    await follow(oneBack)
    expect(await saidBy('web')).toContain('botocore-session-')
    expect(sidecarOf(await podOf('web'))).toBeUndefined()
  })

  test('a namespace moves by its label and its ServiceAccount, with no change of any template, and goes back', async () => {
    await follow(all)
    expect(await saidBy('web')).toContain(`assumed-role/web/${WHERE}.web.web-`)
    const moved = await podOf('web')
    expect(sidecarOf(moved)).toBeDefined()
    expect(await follow(look)).toMatch(/^web-\S+ +lanyard:\S+ +<none>$/m)
    await follow(allBack)
    expect(await saidBy('web')).toContain('botocore-session-')
    expect(await follow(look)).toMatch(/^web-\S+ +<none> +aws-iam-token$/m)
  })

  test('with EKS compatibility, who comes second changes nothing, and theirs can be taken away', async () => {
    const alone = await podOf('web')
    await ensureInstalled({ config: { compatibility: { eks: true } } })
    await apply([plain('beside', 'web')])
    const beside = await podReady('beside', WHERE)
    expect(volumesOf(beside).filter((name) => name === 'aws-iam-token')).toHaveLength(1)
    const { AWS_STS_REGIONAL_ENDPOINTS: regional, ...variables } = variablesOf(beside)
    expect(variables).toEqual(variablesOf(alone))
    expect(regional).toBe('regional')
    await apply([plain('asks', 'web', { annotations: { 'lanyard.dev/inject': 'true' }, labels: skips })])
    expect(sidecarOf(await podReady('asks', WHERE))).toBeDefined()
    await removeEks()
    await apply([plain('after', 'web')])
    expect(await said(/assumed-role/, 'after', WHERE)).toContain('botocore-session-')
    expect(variablesOf(await podReady('after', WHERE))).toEqual(variablesOf(beside))
  })
})

describe('beside EKS Pod Identity', () => {
  const page = commandsOf('migrate-pod-identity')
  const [one, oneBack] = page

  beforeAll(async () => {
    await ensureInstalled()
    await deployEks([WHERE], [`${WHERE}/${ASSOCIATED}`])
  })

  test('an associated pod that asks Lanyard has its credentials from Lanyard, and one that does not has not', async () => {
    expect(page).toHaveLength(2)
    const theirs = await waitFor('the API server calls it', async () => {
      const { stdout } = await tryApply([plain('theirs', ASSOCIATED)], '--dry-run=server', '-o', 'json')
      return stdout.includes('eks-pod-identity-token') ? (JSON.parse(stdout) as KubeObject) : undefined
    })
    expect(variablesOf(theirs)).toMatchObject({ AWS_CONTAINER_CREDENTIALS_FULL_URI: EKS_WEBHOOK.agent })
    await apply([plain('ours', ASSOCIATED, { annotations: asks })])
    const ours = await podReady('ours', WHERE)
    expect(await said(/assumed-role/, 'ours', WHERE)).toContain(`assumed-role/web/${WHERE}.${ASSOCIATED}.ours`)
    expect(variablesOf(ours)).toMatchObject({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9797/v1/credentials',
    })
    // Its token is mounted into the app and used by nobody; the sidecar is as Lanyard wrote it.
    expect(volumesOf(ours)).toContain('eks-pod-identity-token')
    expect(JSON.stringify(sidecarOf(ours))).not.toContain('eks-pod-identity')
  })

  test("with EKS's label nothing of EKS is in it; and back", async () => {
    await apply([deployment('orders', ASSOCIATED)])
    const before = await podOf('orders')
    expect(volumesOf(before)).toContain('eks-pod-identity-token')
    await follow(one)
    expect(await saidBy('orders')).toContain(`assumed-role/web/${WHERE}.${ASSOCIATED}.orders-`)
    expect(volumesOf(await podOf('orders'))).not.toContain('eks-pod-identity-token')
    await follow(oneBack)
    const back = await waitFor('the pod of before', async () => {
      const now = await podOf('orders')
      return sidecarOf(now) === undefined ? now : undefined
    })
    expect(volumesOf(back)).toContain('eks-pod-identity-token')
  })
})

describe('beside an agent on the node, as of kiam and kube2iam', () => {
  const page = commandsOf('migrate-kiam-kube2iam')
  const [who, one, permit] = page
  const theirs = { 'iam.amazonaws.com/role': 'worker', 'iam.amazonaws.com/session-name': 'reports' }

  beforeAll(async () => {
    await deployAgent(WHERE)
    await apply([deployment('reports', 'node', theirs, { AWS_EC2_METADATA_SERVICE_ENDPOINT: AGENT_URL })])
  })

  test('their annotation is nothing to Lanyard: the pod asks the agent', async () => {
    expect(page).toHaveLength(3)
    expect(sidecarOf(await podOf('reports'))).toBeUndefined()
    await waitFor('the agent is asked', async () => ((await agentAsked(WHERE)).length > 0 ? true : undefined))
    expect(await follow(who)).toMatch(new RegExp(`^${WHERE} +reports-\\S+ +worker$`, 'm'))
  })

  test('with both annotations it has Lanyard, and never asks the agent', async () => {
    await follow(one)
    const moved = await podOf('reports')
    const before = await agentAsked(WHERE)
    expect(await saidBy('reports')).toContain(`assumed-role/web/${WHERE}.node.reports-`)
    expect(moved.metadata.annotations).toMatchObject(theirs)
    expect(variablesOf(moved)).toMatchObject({ AWS_EC2_METADATA_DISABLED: 'true' })
    expect(await agentAsked(WHERE)).toEqual(before)
  })

  test('what the namespace permits is said anew, and holds', async () => {
    await follow(permit)
    const { stderr } = await tryApply([pod('worker', WHERE, { role: 'worker' })], '--dry-run=server')
    expect(stderr).toContain('RoleNotPermitted')
  })
})
