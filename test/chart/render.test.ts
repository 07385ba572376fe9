import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readConfig } from '../../src/settings/index.ts'
import { VERSION } from '../../src/version.ts'
import { mutated } from '../support/admitting.ts'
import { gen, ROLE } from '../support/gen.ts'
import { CHART, helm, NAMESPACE, only, render, renderChart, template } from './helm.ts'
import { setOf, sets } from './sets.ts'

const configOf = async (values: string): Promise<ReturnType<typeof readConfig<'webhook'>>> => {
  const { data } = only(await render(values), 'ConfigMap') as unknown as { data: Record<string, string> }
  return readConfig('webhook', { file: parse(data['config.yaml'] ?? '') })
}

test('helm lint --strict finds nothing, in the chart and with each set', async () => {
  const runs = await Promise.all(sets.map(({ path }) => helm(['lint', '--strict', CHART, '-f', path])))
  for (const { ok, stdout, stderr } of runs) {
    expect(ok, stdout + stderr).toBe(true)
    expect(stdout).not.toMatch(/\[(WARNING|ERROR)\]/)
  }
})

test("the chart's versions are the product's", () => {
  const chart = parse(readFileSync(`${CHART}/Chart.yaml`, 'utf8')) as Record<string, unknown>
  expect(chart).toMatchObject({ version: VERSION, appVersion: VERSION, kubeVersion: '>=1.30.0-0' })
  expect(JSON.stringify(chart['annotations'])).toContain(`image: lanyard:${VERSION}`)
})

test('an older cluster is refused', async () => {
  const { ok, stderr } = await helm(['template', 'lanyard', CHART, '--kube-version', '1.29.4'])
  expect(ok).toBe(false)
  expect(stderr).toContain('kubeVersion')
})

describe.each(sets)('with the values $name', ({ text }) => {
  test('it renders twice to the same bytes', async () => {
    const [one, two] = await Promise.all([template(text), template(text)])
    expect(one.stderr).toBe('')
    expect(one.ok).toBe(true)
    expect(two.stdout).toBe(one.stdout)
  })

  test('every object has the labels, and a namespace unless it has none', async () => {
    const clusterWide = /^(Cluster|MutatingWebhook|ValidatingAdmission)/
    for (const { kind, metadata } of await render(text)) {
      expect(metadata.labels, kind).toMatchObject({
        'app.kubernetes.io/instance': 'lanyard',
        'app.kubernetes.io/part-of': 'lanyard',
        'app.kubernetes.io/version': VERSION,
        'app.kubernetes.io/managed-by': 'Helm',
        'helm.sh/chart': `lanyard-${VERSION}`,
      })
      expect(metadata.namespace === undefined, kind).toBe(clusterWide.test(kind))
    }
  })

  test('no object is there twice', async () => {
    const names = (await render(text)).map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`)
    expect(new Set(names).size).toBe(names.length)
  })

  test('the webhook reads its configuration without a problem', async () => {
    expect((await configOf(text)).problems).toEqual([])
  })

  test('what the configuration and the objects both say is the same', async () => {
    const objects = await render(text)
    const deployment = JSON.stringify(only(objects, 'Deployment'))
    const { values } = await configOf(text)
    expect(deployment).toContain(`"containerPort":${values['webhook.port']}`)
    expect(deployment).toContain(`"containerPort":${values['webhook.metricsPort']}`)
    expect(deployment).toContain(`"image":"${values['sidecar.image']}"`)
    if (values['tls.certFile'] !== undefined) return
    expect(only(objects, 'Secret').metadata).toMatchObject({ name: values['tls.caSecret'], namespace: NAMESPACE })
    expect(only(objects, 'Service').metadata.name).toBe(values['tls.service'])
    expect(only(objects, 'MutatingWebhookConfiguration').metadata.name).toBe(values['tls.webhookConfiguration'])
  })
})

test('the names that others rely on', async () => {
  const names = (await render('')).map(({ kind, metadata }) => `${kind}/${metadata.name}`)
  const mains = ['Deployment', 'Service', 'ServiceAccount', 'ConfigMap', 'MutatingWebhookConfiguration']
  expect(names.sort()).toEqual(
    [
      ...[...mains, 'PodDisruptionBudget', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map(
        (kind) => `${kind}/lanyard-webhook`,
      ),
      'Secret/lanyard-webhook-ca',
      'ValidatingAdmissionPolicy/lanyard-webhook-configuration',
      'ValidatingAdmissionPolicyBinding/lanyard-webhook-configuration',
      'Pod/lanyard-test',
    ].sort(),
  )
})

test('sidecars and brokers are scraped by the names of their ports', async () => {
  type Endpoint = {
    readonly port: string
    readonly relabelings: readonly { readonly action: string; readonly regex?: string }[]
  }
  const { spec } = only(await render(setOf('monitoring').text), 'PodMonitor') as unknown as {
    spec: { podMetricsEndpoints: readonly Endpoint[] }
  }
  const scraped = spec.podMetricsEndpoints.map(({ port, relabelings }) => ({
    name: relabelings.find(({ action }) => action === 'keep')?.regex,
    port,
  }))
  const context = gen.context({
    userProviders: { google: { kind: 'google', clientIds: ['web'] } },
    userRoles: { files: { kind: 'role', namespaces: ['shop'], providers: ['google'], roleArn: ROLE } },
  })
  const { spec: made } = mutated(gen.pod({ 'role-arn': ROLE, 'user-credentials': 'true' }), context) as unknown as {
    spec: { initContainers: readonly { readonly name: string; readonly ports: readonly { readonly name: string }[] }[] }
  }
  expect(scraped).toEqual(made.initContainers.map(({ name, ports }) => ({ name, port: ports[0]?.name })))
})

test('a changed setting changes the pods', async () => {
  const checksumOf = async (values: string): Promise<unknown> => {
    const { spec } = only(await render(values), 'Deployment') as unknown as {
      spec: { template: { metadata: { annotations: Record<string, string> } } }
    }
    return spec.template.metadata.annotations['checksum/config']
  }
  expect(await checksumOf('config: { aws: { region: eu-west-1 } }')).not.toBe(await checksumOf(''))
  expect(await checksumOf('podLabels: { a: b }')).toBe(await checksumOf(''))
})

test('the notes say what to do next', async () => {
  // Only an installation shows them: so they become an object of a copy.
  const copy = mkdtempSync(join(tmpdir(), 'lanyard-notes-'))
  cpSync(CHART, copy, { recursive: true })
  renameSync(`${copy}/templates/NOTES.txt`, `${copy}/notes.txt`)
  const wrapper = 'kind: Notes\nmetadata: { name: notes }\ntext: |\n{{ tpl (.Files.Get "notes.txt") . | indent 2 }}\n'
  writeFileSync(`${copy}/templates/notes.yaml`, wrapper)
  const notes = async (name: string): Promise<unknown> =>
    only(await renderChart(copy, setOf(name).text), 'Notes')['text']
  expect(await notes('defaults')).toMatch(/helm -n lanyard-system test lanyard[\s\S]*lanyard.dev\/role-arn:/)
  expect(await notes('defaults')).toContain('lanyard.dev/region:')
  expect(await notes('private-sts')).not.toContain('lanyard.dev/region:')
  expect(await notes('cert-manager')).toContain('get certificate lanyard-webhook')
  rmSync(copy, { recursive: true })
})
