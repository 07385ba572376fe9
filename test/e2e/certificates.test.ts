import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CertificateAuthority, createCertificateAuthority } from '../../src/testbed/index.ts'
import { apply, create, get, inside, kubectl, logs, waitFor } from './support/kubectl.ts'
import { ensureInstalled, install, uninstall, webhookPods } from './support/lanyard.ts'
import { NAMESPACE, RELEASE } from './support/settings.ts'
import { must } from './support/shell.ts'
import { dropNamespace, makeNamespace, tinyPod } from './support/workloads.ts'

const WHERE = 'e2e-certificates'
const SECRET = 'own-certificate'
const HOST = `lanyard-webhook.${NAMESPACE}.svc`

let ca: CertificateAuthority
beforeAll(async () => {
  ca = await createCertificateAuthority({ name: 'own', now: Date.now })
  await makeNamespace(WHERE)
  // Another way to a certificate is another installation: who changes it in place refuses annotated pods meanwhile.
  await ensureInstalled()
  await uninstall()
})
afterAll(async () => {
  await uninstall()
  await kubectl(['delete', 'secret', SECRET, ...inside(NAMESPACE), '--ignore-not-found'])
  await ensureInstalled()
  await dropNamespace(WHERE)
})

async function issueCertificate(): Promise<string> {
  const { cert, key } = await ca.issue([HOST])
  const stringData = { 'tls.crt': cert, 'tls.key': key }
  await apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET, namespace: NAMESPACE }, stringData }])
  return cert
}

const values = (config: object = {}) => ({
  tls: { mode: 'existingSecret', existingSecret: { name: SECRET, caBundle: ca.pem } },
  config,
})

/** API servers learn of a configuration within a second or two, and nodes of a Service. */
const works = (): Promise<boolean> =>
  waitFor('pods are injected', async () => {
    const { code, stderr } = await create([tinyPod(WHERE)], '--dry-run=server')
    if (code !== 0) throw new Error(stderr)
    return true
  })

test('a Secret that is missing is told by kubelet, and the webhook starts when it is there', async () => {
  expect((await install({ values: values(), args: [] })).code).toBe(0)
  await waitFor('the event that names the Secret', async () => {
    const events = await kubectl(['get', 'events', ...inside(NAMESPACE), '-o', 'jsonpath={.items[*].message}'])
    return events.includes(`secret "${SECRET}" not found`) ? true : undefined
  })
  await issueCertificate()
  await ensureInstalled(values())
  await works()
})

test('helm test passes by the authority that it was told of', async () => {
  await must('helm', ['test', RELEASE, '-n', NAMESPACE, '--timeout', '90s'], { timeout: 120_000 })
})

test('without an authority of its own it has rights to read ServiceAccounts and namespaces, and no others', async () => {
  const { rules } = JSON.parse(await kubectl(['get', 'clusterrole', 'lanyard-webhook', '-o', 'json']))
  expect(rules).toEqual([
    { apiGroups: [''], resources: ['namespaces', 'serviceaccounts'], verbs: ['get', 'list', 'watch'] },
  ])
  expect(await kubectl(['get', 'roles,rolebindings', '-A', '-o', 'name'])).not.toContain('lanyard-webhook')
})

test('without a look at ServiceAccounts and namespaces either, it has no rights at all, and no token', async () => {
  await ensureInstalled(values({ sources: { enabled: false } }))
  const [pod] = await webhookPods()
  expect(pod?.['spec'].automountServiceAccountToken).toBe(false)
  const bindings = await kubectl(['get', 'clusterrolebindings,rolebindings', '-A', '-o', 'name'])
  expect(bindings).not.toContain('lanyard-webhook')
  await works()
  await ensureInstalled(values())
})

test('a certificate that is renewed in the Secret is served without a restart', async () => {
  const before = (await webhookPods()).map(({ metadata }) => metadata.name).sort()
  await issueCertificate()
  for (const name of before)
    await waitFor(
      `${name} serves it`,
      async () =>
        (await logs(name, NAMESPACE, 'webhook')).includes('serving certificate replaced') ? true : undefined,
      { seconds: 150, every: 1 },
    )
  await works()
  expect((await webhookPods()).map(({ metadata }) => metadata.name).sort()).toEqual(before)
  expect((await get('secret', SECRET, NAMESPACE))['type']).toBe('Opaque')
})
