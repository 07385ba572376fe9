import { expect, test } from 'vitest'
import { codes } from '../../../src/errors/index.ts'
import { type WebhookMetrics, webhookMetrics } from '../../../src/metrics/index.ts'

const linesOf = async (metrics: WebhookMetrics): Promise<string[]> => (await metrics.text()).body.split('\n')

test('the exposition is exactly this under fixed values', async () => {
  const metrics = webhookMetrics({ version: '1.2.3' })
  metrics.admission('inject', 'Patched', 0.0004)
  metrics.admission('inject', 'Unchanged', 0.002)
  metrics.admission('skip', 'OptedOut', 0.002)
  metrics.admission('deny', 'PortTaken', 0.03)
  metrics.admission('refuse', 'ReviewVersion', 0.0001)
  metrics.admission('error', 'Internal', 7)
  metrics.servingCertificateExpires(1_800_000_000)
  metrics.caExpires(1_900_000_000)
  metrics.watchSynced('secrets', 1_700_000_000)
  await expect((await metrics.text()).body).toMatchFileSnapshot('webhook.prom')
})

test('every outcome that is known exists at 0 from the start', async () => {
  const lines = await linesOf(webhookMetrics({ version: '1' }))
  const areas: Record<string, string> = { admission: 'deny', skip: 'skip', review: 'refuse' }
  for (const [reason, { area }] of Object.entries(codes)) {
    const outcome = reason === 'Internal' ? 'error' : areas[area]
    if (outcome === undefined) continue
    expect(lines).toContain(`lanyard_admission_requests_total{outcome="${outcome}",reason="${reason}"} 0`)
  }
})

test('an instant that nobody has set has no value, so that no alert takes it for the past', async () => {
  const lines = await linesOf(webhookMetrics({ version: '1' }))
  expect(lines.filter((line) => line.startsWith('lanyard_') && line.includes('timestamp'))).toEqual([])
})

test('a denial is not counted as a success, and an unknown reason is other', async () => {
  const metrics = webhookMetrics({ version: '1' })
  metrics.admission('deny', 'Forged', 0.1)
  const lines = await linesOf(metrics)
  expect(lines).toContain('lanyard_admission_requests_total{outcome="deny",reason="other"} 1')
  expect(lines).toContain('lanyard_admission_requests_total{outcome="inject",reason="Patched"} 0')
  expect(lines.join()).not.toMatch(/forged/i)
})
