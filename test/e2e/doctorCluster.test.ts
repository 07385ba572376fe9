import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCertificateAuthority } from '../../src/testbed/index.ts'
import { type Diagnosis, diagnose, diagnoseForPeople, failing, keep, loadOldClient } from './support/doctor.ts'
import { type Case, denials, WHERE, webhookDown } from './support/doctorCases.ts'
import { sicknesses } from './support/doctorSicknesses.ts'
import { silences } from './support/doctorSilences.ts'
import { apply, kubectl, podReady, rolledOut, tryKubectl, waitFor } from './support/kubectl.ts'
import { CONFIGURATION, DEPLOYMENT, ensureInstalled, scaleWebhook } from './support/lanyard.ts'
import { installPolicy, LABEL } from './support/policy.ts'
import { NAMESPACE, told } from './support/settings.ts'
import { dropNamespace, makeNamespace, pod, workload } from './support/workloads.ts'

beforeAll(async () => {
  await Promise.all([ensureInstalled(), loadOldClient()])
  await makeNamespace(WHERE)
  await apply([pod('well', WHERE)])
  await podReady('well', WHERE)
})
afterAll(async () => {
  await ensureInstalled()
  await scaleWebhook(2)
  await tryKubectl(['delete', 'clusterrolebinding', 'e2e-doctor', '--ignore-not-found'])
  await dropNamespace(WHERE)
})

/** Broken, named first with the right advice; mended, and nothing is found to be wrong. */
async function proves({ name, breaks, target, code, fix, exit = 1, mends, after = target }: Case): Promise<void> {
  await breaks()
  const ill = await diagnose(target)
  keep(name, ill)
  expect({ first: ill.first?.code, exit: ill.exit }, JSON.stringify(ill, null, 2)).toEqual({ first: code, exit })
  expect(ill.first?.fix).toMatch(fix)
  await mends(ill.first?.fix ?? '')
  const well = await onceReached(after)
  keep(`${name}: mended`, well)
  expect(failing(well)).toEqual([])
  expect([0, 3]).toContain(well.exit)
}

/** A node knows of a pod that is ready a moment later than its Deployment: until then calls of it are refused. */
async function onceReached(target: readonly string[], attempts = 5): Promise<Diagnosis> {
  const seen = await diagnose(target)
  if (attempts === 1 || !JSON.stringify(failing(seen)).includes('connection refused')) return seen
  await setTimeout(1_000)
  return onceReached(target, attempts - 1)
}

test('a pod that is well, and the installation', async () => {
  const well = await diagnose(['pod/well', '-n', WHERE])
  keep('a pod that is well', well)
  expect(well.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')).toEqual([])
  expect({ exit: well.exit, verdict: well.verdict, first: well.first }).toEqual({ exit: 0, verdict: 'ok', first: null })
  expect(well.progress).toContain('ok    the sidecars run\n')
  for (const target of [[], [`namespace/${WHERE}`], ['serviceaccount/default', '-n', WHERE]])
    expect(failing(await diagnose(target))).toEqual([])
  const seen = await diagnoseForPeople(['pod/well', '-n', WHERE])
  expect(seen).toContain('0 warn, 0 fail')
  expect(Math.max(...seen.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
})

describe('what Lanyard refuses', () => {
  test.each(denials)('$name', proves)
})

describe('why a pod was not injected', () => {
  test.each(silences)('$name', proves)
})

describe('what goes wrong in a pod', () => {
  test.each(sicknesses(told().images.client))('$name', proves)
})

test('what is not there', async () => {
  const { first, exit } = await diagnose(['deployment/nobody', '-n', WHERE])
  expect({ code: first?.code, exit }).toEqual({ code: 'TargetMissing', exit: 1 })
})

test('rights that the caller lacks are warnings, and named', async () => {
  const kubeconfig = await kubeconfigOf('default')
  const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: WHERE }]
  const role = (name: string): object => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'e2e-doctor' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects,
  })
  await apply([role('view')])
  const ill = await diagnose(['pod/well', '-n', WHERE], { KUBECONFIG: kubeconfig })
  expect({ code: ill.first?.code, exit: ill.exit }, JSON.stringify(ill, null, 2)).toEqual({
    code: 'RightsMissing',
    exit: 3,
  })
  expect(ill.first?.fix).toMatch(
    /Ask for list mutatingwebhookconfigurations\.admissionregistration\.k8s\.io by a ClusterRole/,
  )
  await kubectl(['delete', 'clusterrolebinding', 'e2e-doctor'])
  await apply([role('cluster-admin')])
  const well = await diagnose(['pod/well', '-n', WHERE], { KUBECONFIG: kubeconfig })
  expect({ first: well.first, exit: well.exit }).toEqual({ first: null, exit: 0 })
})

/** The cluster with a token of a ServiceAccount of the suite's namespace, and nothing else. */
async function kubeconfigOf(name: string): Promise<string> {
  const token = (await kubectl(['create', 'token', name, '-n', WHERE])).trim()
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']))
  const own = { ...config, users: [{ name: config.users[0].name, user: { token } }] }
  const path = join(mkdtempSync(join(tmpdir(), 'lanyard-doctor-')), 'kubeconfig')
  writeFileSync(path, JSON.stringify(own), { mode: 0o600 })
  return path
}

test('a webhook that is down', () => proves(webhookDown))

/** Without its rights the webhook cannot mend what others did to its configuration. */
const dropRights = (): Promise<string> => kubectl(['delete', 'clusterrolebinding', 'lanyard-webhook'])

test('rights that the webhook lacks', () =>
  proves({
    name: 'rights that the webhook lacks',
    breaks: dropRights,
    target: ['pod/well', '-n', WHERE],
    code: 'WebhookRightsMissing',
    fix: /helm upgrade/,
    mends: () => ensureInstalled(),
  }))

test('a caBundle of another authority', () =>
  proves({
    name: 'a caBundle of another authority',
    breaks: async () => {
      await dropRights()
      await anotherAuthority()
    },
    target: ['pod/well', '-n', WHERE],
    code: 'WebhookAuthorityWrong',
    fix: /helm upgrade/,
    mends: async () => {
      await ensureInstalled()
      // It tries again by itself, after some minutes.
      await kubectl(['rollout', 'restart', DEPLOYMENT, '-n', NAMESPACE])
      await rolledOut(DEPLOYMENT, NAMESPACE)
    },
  }))

test('without a webhook the API server itself is asked what it would do', async () => {
  const [label] = Object.entries(LABEL).map(([key, value]) => `${key}=${value}`)
  await kubectl(['label', 'namespace', WHERE, label ?? ''])
  await installPolicy(WHERE)
  await proves({
    name: 'a typo in an annotation, without a webhook',
    breaks: () => apply([workload('Deployment', 'policed', WHERE, { annotations: { 'lanyard.dev/regoin': 'x' } })]),
    target: ['deploy/policed', '-n', WHERE],
    code: 'AnnotationUnknown',
    fix: /spelling/,
    mends: async () => {
      await kubectl(['delete', 'deployment', 'policed', '-n', WHERE])
      await apply([workload('Deployment', 'policed', WHERE)])
      await kubectl(['rollout', 'status', 'deployment/policed', '-n', WHERE, '--timeout=60s'])
    },
  })
})

async function anotherAuthority(): Promise<void> {
  const { pem } = await createCertificateAuthority({ name: 'another', now: Date.now })
  const caBundle = Buffer.from(pem).toString('base64')
  await waitFor('the caBundle is another', async () => {
    const operations = [0, 1].map((index) => ({
      op: 'replace',
      path: `/webhooks/${index}/clientConfig/caBundle`,
      value: caBundle,
    }))
    await kubectl([
      'patch',
      'mutatingwebhookconfiguration',
      CONFIGURATION,
      '--type=json',
      '-p',
      JSON.stringify(operations),
    ])
    const { stderr } = await tryKubectl([
      'run',
      'tried',
      '--image=x',
      '-n',
      WHERE,
      '--dry-run=server',
      '--annotations=lanyard.dev/inject=true',
    ])
    return stderr.includes('x509') ? true : undefined
  })
}
