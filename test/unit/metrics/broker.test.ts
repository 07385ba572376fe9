import { expect, test } from 'vitest'
import { brokerMetrics } from '../../../src/metrics/index.ts'

const open = () =>
  brokerMetrics({ version: '1.2.3', providers: ['google', 'login'], roles: ['files'], entries: () => 7 })

test('the exposition is exactly this under fixed values', async () => {
  const metrics = open()
  metrics.userRequest({ provider: 'google', role: 'files', code: 'Success' })
  metrics.userRequest({ provider: 'google', role: 'files', code: 'UserTokenExpired' })
  metrics.userRequest({ provider: 'none', role: 'none', code: 'HostRefused' })
  metrics.stsRequest('AssumeRoleWithWebIdentity', 0.25)
  await expect((await metrics.text()).body).toMatchFileSnapshot('broker.prom')
})

test('what nobody has declared becomes no label', async () => {
  const metrics = open()
  metrics.userRequest({ provider: 'ada@example.com', role: '"}', code: 'Forged' })
  const { body } = await metrics.text()
  expect(body).toContain('{provider="other",role="other",code="other"} 1\n')
  expect(body).not.toContain('ada')
})
