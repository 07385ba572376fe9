import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tryRender } from './support/helm.ts'
import { create, inside, kubectl, logs, waitFor } from './support/kubectl.ts'
import {
  ensureInstalled,
  install,
  scaleWebhook,
  valuesFor,
  webhookConfiguration,
  webhookPods,
} from './support/lanyard.ts'
import { NAMESPACE, told } from './support/settings.ts'
import { dropNamespace, makeNamespace, tinyPod } from './support/workloads.ts'

const WHERE = 'e2e-bad-input'
const SECRET = 'lanyard-webhook-ca'

beforeAll(async () => {
  await ensureInstalled()
  await makeNamespace(WHERE)
})
afterAll(async () => {
  await ensureInstalled()
  await dropNamespace(WHERE)
})

const works = async (): Promise<void> => {
  const { code, stderr } = await create([tinyPod(WHERE)], '--dry-run=server')
  expect(stderr).not.toContain('failed calling')
  expect(code).toBe(0)
}

/** The lines of all replicas' logs, parsed. */
async function webhookLog(): Promise<readonly Record<string, unknown>[]> {
  const texts = await Promise.all(
    (await webhookPods()).map(({ metadata }) => logs(metadata.name, NAMESPACE, 'webhook').catch(() => '')),
  )
  return texts
    .flatMap((text) =>
      text
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('{')),
    )
    .map((line) => JSON.parse(line))
}

/** Waits for a line of any replica that was written from that instant on. */
const logged = (what: RegExp, since: string, seconds = 60) =>
  waitFor(
    `a line of the log like ${what}`,
    async () => (await webhookLog()).find((line) => String(line['time']) >= since && what.test(JSON.stringify(line))),
    { seconds },
  )

const now = (): string => new Date().toISOString()

async function authoritiesKept(): Promise<readonly string[]> {
  const { data = {} } = JSON.parse(await kubectl(['get', 'secret', SECRET, ...inside(NAMESPACE), '-o', 'json']))
  const decoded = (text: unknown): string => Buffer.from(String(text), 'base64').toString()
  return Object.entries(data).flatMap(([key, text]) => (/^authority-.*\.key$/.test(key) ? [decoded(text)] : []))
}

describe('wrong values are refused, with the key and what is wrong', () => {
  test.each<[string, object, RegExp]>([
    ['a typo', { replica: 2 }, /replica/],
    ['a typo in a setting', { config: { aws: { regoin: 'eu-west-1' } } }, /regoin/],
    ['a wrong type', { replicas: 'two' }, /replicas/],
    ['a tag that is a number', { image: { tag: 1 } }, /tag/],
    ['a digest that is none', { image: { digest: 'sha256:1' } }, /digest/],
    ['an unknown TLS mode', { tls: { mode: 'selfSigned' } }, /mode/],
    ['a timeout that is too long', { webhook: { timeoutSeconds: 30 } }, /timeoutSeconds/],
    ['no Secret in the mode that needs one', { tls: { mode: 'existingSecret' } }, /existingSecret/],
    ['a setting that the chart makes itself', { config: { tls: { certFile: '/x' } } }, /certFile/],
  ])('%s', async (_, values, key) => {
    const { code, stderr } = await tryRender(valuesFor(told().images.product, values as Record<string, unknown>))
    expect(code).not.toBe(0)
    expect(stderr).toMatch(key)
  })

  test('a wrong value of a setting that no schema can see stops the new pods, and the old ones go on', async () => {
    const { code } = await install({ values: { config: { defaults: { sessionName: '{nobody}' } } }, args: [] })
    expect(code).toBe(0)
    const line = await waitFor('the new pod says what is wrong', async () => {
      const pods = await webhookPods()
      const texts = await Promise.all(
        pods.map(({ metadata }) => logs(metadata.name, NAMESPACE, 'webhook').catch(() => '')),
      )
      return texts.find((text) => text.includes('SettingInvalid: defaults.sessionName'))
    })
    expect(line).not.toContain('    at ')
    await works()
    await ensureInstalled()
  })
})

describe('the Secret of the authority', () => {
  test('corrupted by somebody: it is repaired, and said, and no pod notices', async () => {
    const patch = JSON.stringify({ data: { 'ca.crt': Buffer.from('garbage').toString('base64') } })
    const all = JSON.parse(await kubectl(['get', 'secret', SECRET, ...inside(NAMESPACE), '-o', 'json'])).data
    const garbage = JSON.stringify({ data: Object.fromEntries(Object.keys(all).map((key) => [key, 'Z2FyYmFnZQ=='])) })
    const since = now()
    for (const change of [patch, garbage]) {
      await kubectl(['patch', 'secret', SECRET, ...inside(NAMESPACE), '--type=merge', '-p', change])
      await works()
    }
    await logged(/AuthorityCorrupt/, since)
    await waitFor('it holds certificates again', async () => {
      const keys = await authoritiesKept()
      return keys.length === 2 && keys.every((key) => key.startsWith('-----BEGIN')) ? true : undefined
    })
    await works()
  })

  test('deleted: the webhook goes on with what it has, says what is missing, and helm upgrade mends it', async () => {
    const since = now()
    await kubectl(['delete', 'secret', SECRET, ...inside(NAMESPACE)])
    await logged(/ClusterObjectMissing/, since)
    await works()
    await ensureInstalled()
    await waitFor(
      'the authority is kept again',
      async () => ((await authoritiesKept()).length === 2 ? true : undefined),
      { seconds: 120 },
    )
    await works()
  })
})

async function emptyBundle(): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: '' }])
  await kubectl(['patch', 'mutatingwebhookconfiguration', 'lanyard-webhook', '--type=json', '-p', patch])
}

const bundleWritten = (seconds: number): Promise<true> =>
  waitFor(
    'the caBundle is there again',
    async () => {
      const [entry] = (await webhookConfiguration())['webhooks']
      return (entry.clientConfig.caBundle ?? '') === '' ? undefined : true
    },
    { seconds },
  )

test('a caBundle that somebody empties is written again', async () => {
  await emptyBundle()
  await bundleWritten(60)
  await waitFor('pods are injected again', async () => works().then(() => true))
})

test('rights taken away at run time: pods that ask are refused with the reason, and it heals by helm upgrade', async () => {
  const since = now()
  await kubectl(['delete', 'clusterrolebinding', 'lanyard-webhook'])
  await kubectl(['delete', 'rolebinding', 'lanyard-webhook', ...inside(NAMESPACE)])
  const refusal = await waitFor('the refusal', async () => {
    const { stderr } = await create([tinyPod(WHERE)], '--dry-run=server')
    return stderr.includes('SourceUnreadable') ? stderr : undefined
  })
  expect(refusal).toMatch(/SourceUnreadable: .*ClusterForbidden: .*HTTP 403/)
  await emptyBundle()
  await logged(/ClusterForbidden/, since)
  // Nobody can mend it now but who has the rights.
  expect((await webhookConfiguration())['webhooks'][0].clientConfig.caBundle ?? '').toBe('')
  await ensureInstalled()
  await bundleWritten(150)
  await logged(/authority reconciled again/, since)
  await waitFor('pods are injected again', async () => works().then(() => true))
})

test('an API server that does not answer at the start: not ready, said, and the old replicas go on', async () => {
  const since = now()
  const nowhere = { extraEnv: [{ name: 'KUBERNETES_SERVICE_HOST', value: '192.0.2.1' }] }
  expect((await install({ values: nowhere, args: [] })).code).toBe(0)
  await logged(/ClusterUnreachable/, since)
  const ready = (await webhookPods()).map(({ status }) => status.containerStatuses?.[0]?.ready ?? false)
  expect(ready.filter(Boolean)).toHaveLength(2)
  expect(ready).toContain(false)
  await works()
  await ensureInstalled()
  await scaleWebhook(2)
})
