import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scaleRules } from '../../scripts/alerts/scale.ts'
import { metrics } from '../../src/metrics/index.ts'
import { objectsIn, render } from './support/helm.ts'
import { apply, kubectl, podReady, waitFor } from './support/kubectl.ts'
import { ensureInstalled, scaleWebhook, valuesFor, webhookPods } from './support/lanyard.ts'
import { alerts, ask, discover, query, scrapeConfigsOf, startPrometheus, stopPrometheus } from './support/prometheus.ts'
import { NAMESPACE, told } from './support/settings.ts'
import { roleArn } from './support/sts.ts'
import { dropNamespace, makeNamespace, pod, podTemplate } from './support/workloads.ts'

const WHERE = 'e2e-monitoring'
/** The chart's own rules, but what takes them ten minutes takes half a minute. */
const FASTER = 20
/** For a broker, which nobody asks here. */
const users = {
  userProviders: { nobody: { kind: 'oidc', issuer: 'https://login.example.com', clientIds: ['web'] } },
  userRoles: { files: { kind: 'role', namespaces: [WHERE], providers: ['nobody'], roleArn: roleArn('users') } },
}

beforeAll(async () => {
  await ensureInstalled({ config: users })
  await makeNamespace(WHERE)
  await apply([pod('web', WHERE, { annotations: { 'lanyard.dev/user-credentials': 'true' } }), twoRoles()])
  await Promise.all(['web', 'two-roles'].map((name) => podReady(name, WHERE)))
  const monitoring = { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } }
  const objects = objectsIn(await render(valuesFor(told().images.product, { monitoring })))
  const monitors = objects.filter(({ kind }) => kind === 'PodMonitor' || kind === 'ServiceMonitor')
  expect(monitors).toHaveLength(2)
  const rules = readFileSync(join(told().charts.current, 'files/rules.yaml'), 'utf8')
  const configs = monitors.flatMap(({ kind = '', metadata, ...rest }) =>
    scrapeConfigsOf({ kind, metadata, spec: rest['spec'] }, NAMESPACE),
  )
  await startPrometheus(configs, scaleRules(rules, FASTER))
})
afterAll(async () => {
  await scaleWebhook(2)
  await Promise.all([stopPrometheus(), dropNamespace(WHERE)])
})

function twoRoles(): object {
  const { metadata, spec } = podTemplate({ role: undefined })
  const annotations = { 'lanyard.dev/container-roles': `app=${roleArn('web')}` }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'two-roles', namespace: WHERE, annotations },
    spec,
  }
}

const firstOf = (expression: string) =>
  waitFor(`Prometheus has ${expression}`, async () => {
    const series = await query(expression)
    return series.length > 0 ? series : undefined
  })

type Target = { readonly labels: Readonly<Record<string, string>> }

describe('a real Prometheus, by the chart’s monitors', () => {
  test('scrapes every replica of the webhook, every sidecar and every broker, and nothing else', async () => {
    const pods = await webhookPods()
    const targets = await waitFor('all targets are up', async () => {
      const { activeTargets } = await ask('targets', { state: 'active' })
      const up = activeTargets.filter(({ health }: { health: string }) => health === 'up')
      return activeTargets.length >= 5 && up.length === activeTargets.length ? activeTargets : undefined
    })
    const found = targets
      .map(({ labels: { namespace, pod: name, container = '' } }: Target) => `${namespace}/${name} ${container}`.trim())
      .sort()
    const sidecars = ['two-roles lanyard', 'web lanyard', 'web lanyard-broker'].map((name) => `${WHERE}/${name}`)
    expect(found).toEqual([...sidecars, ...pods.map(({ metadata }) => `${NAMESPACE}/${metadata.name}`)].sort())
  })

  test('sees every metric of the reference, with its labels, and none that is not there', async () => {
    await firstOf(`lanyard_credentials_expiration_timestamp_seconds{namespace="${WHERE}"} > 0`)
    const seen = new Map<string, Set<string>>()
    for (const { metric } of await query('{__name__=~"lanyard_.*"}')) {
      const name = baseOf(metric['__name__'] ?? '')
      const labels = seen.get(name) ?? new Set()
      for (const label of Object.keys(metric)) if (!added.has(label)) labels.add(label)
      seen.set(name, labels)
    }
    const found = Object.fromEntries([...seen].map(([name, labels]) => [name, [...labels].sort()]))
    const wanted = Object.entries(metrics).map(([name, { labels }]) => [name, Object.keys(labels).sort()])
    expect(found).toEqual(Object.fromEntries(wanted))
  })

  test('tells sessions apart by the container that has a role of its own', async () => {
    const series = await firstOf(`lanyard_credentials_expiration_timestamp_seconds{namespace="${WHERE}"}`)
    const sessions = series.map(({ metric }) => `${metric['pod']} ${metric['session']} ${metric['role']}`).sort()
    expect(sessions).toEqual([`two-roles app ${roleArn('web')}`, `web default ${roleArn('web')}`])
  })

  test('loads all the rules, and no alert fires or is about to where all is well', async () => {
    const groups = await waitFor('every rule was evaluated', async () => {
      const { groups: all } = await ask('rules')
      const rules = all.flatMap(({ rules: some }: { rules: { health: string }[] }) => some)
      return rules.length > 0 && rules.every(({ health }: { health: string }) => health === 'ok') ? all : undefined
    })
    expect(groups.length).toBeGreaterThan(0)
    // Pending ones too, once all have been scraped: some wait for a minute before they fire.
    await waitFor('no alert is there', async () => ((await alerts()).length === 0 ? true : undefined), { seconds: 30 })
  })
})

/** Until exactly these alerts of those two fire; pods that come meanwhile are scraped. */
const untilFiring = (names: readonly string[]): Promise<true> =>
  waitFor(
    `of the two, ${names.join(' and ') || 'none'} fires`,
    async () => {
      await discover()
      const firing = (await alerts()).filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname'])
      return [...TWO].every((name) => firing.includes(name) === names.includes(name)) ? true : undefined
    },
    { seconds: 150, every: 2 },
  )
const TWO = ['LanyardCredentialsAbsent', 'LanyardWebhookDown'] as const

describe('alerts, by the rules of the chart with shorter durations', () => {
  test('fire for a pod that STS refuses, and for a webhook that is gone', async () => {
    await apply([pod('refused', WHERE, { role: 'elsewhere' })])
    await scaleWebhook(0)
    await untilFiring(TWO)
    const absent = (await alerts()).find(({ labels }) => labels['alertname'] === 'LanyardCredentialsAbsent')
    expect(absent?.labels).toMatchObject({ namespace: WHERE, severity: 'warning' })
  })

  test('resolve when the role is mended and the webhook is back', async () => {
    await scaleWebhook(2)
    await kubectl(['delete', 'pod', 'refused', '-n', WHERE, '--wait'])
    await apply([pod('refused', WHERE, { role: 'web' })])
    await podReady('refused', WHERE)
    await untilFiring([])
  })
})

/** What Prometheus and the monitors add themselves. */
const added = new Set([
  '__name__',
  'instance',
  'job',
  'namespace',
  'pod',
  'container',
  'service',
  'endpoint',
  'le',
  'node',
])

function baseOf(name: string): string {
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return Object.hasOwn(metrics, base) ? base : name
}
