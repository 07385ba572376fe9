import { describe, expect, test } from 'vitest'
import { codes } from '../../../src/errors/index.ts'
import { type SidecarMetrics, type SidecarMetricsOptions, sidecarMetrics } from '../../../src/metrics/index.ts'

const role = 'arn:aws:iam::111122223333:role/app'
const one = { version: '1.2.3', sessions: [{ session: 'default', role }] }

const bodyOf = async (metrics: SidecarMetrics): Promise<string> => (await metrics.text()).body
const seriesOf = async (metrics: SidecarMetrics): Promise<string[]> =>
  (await bodyOf(metrics)).split('\n').filter((line) => line !== '' && !line.startsWith('#'))

/** Everything that can be recorded, in every way that is possible. */
function everything(metrics: SidecarMetrics, { sessions }: SidecarMetricsOptions): void {
  for (const { session } of sessions) {
    metrics.refreshed({ session, result: 'success' })
    for (const code of [...Object.keys(codes), 'nonsense']) metrics.refreshed({ session, result: 'failure', code })
    metrics.obtained(session, 1)
    metrics.expiresBy(session, () => 2)
  }
  for (let status = 100; status < 600; status += 1) metrics.endpointRequest('container', status, 0.001)
  metrics.stsRequest('AssumeRoleWithWebIdentity', 0.1)
  metrics.identityToken(3)
  metrics.skew(-4)
}

describe('the exposition', () => {
  test('is exactly this after a refresh, a failure and a few requests', async () => {
    const metrics = sidecarMetrics(one)
    metrics.stsRequest('AssumeRoleWithWebIdentity', 0.25)
    metrics.refreshed({ session: 'default', result: 'failure', code: 'StsThrottled' })
    metrics.stsRequest('AssumeRoleWithWebIdentity', 0.5)
    metrics.refreshed({ session: 'default', result: 'success' })
    metrics.obtained('default', 1_800_000_000)
    metrics.expiresBy('default', () => 1_800_003_600)
    metrics.endpointRequest('container', 200, 0.001)
    metrics.endpointRequest('container', 200, 0.003)
    metrics.endpointRequest('container', 403, 0.001)
    metrics.identityToken(1_800_086_400)
    metrics.skew(-7.5)
    const { contentType, body } = await metrics.text()
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    await expect(body).toMatchFileSnapshot('sidecar.prom')
  })

  test('is valid where names and versions are hostile', async () => {
    const metrics = sidecarMetrics({ version: 'v"1\n', sessions: [{ session: 'a"\\', role: 'r\n# TYPE x counter' }] })
    expect(await bodyOf(metrics)).toContain('{session="a\\"\\\\",role="r\\n# TYPE x counter"} 0')
    for (const line of (await bodyOf(metrics)).split('\n')) expect(line).toMatch(/^$|^# (HELP|TYPE) lanyard_|^lanyard_/)
  })

  test('becomes histograms where buckets are set', async () => {
    const metrics = sidecarMetrics({ ...one, buckets: [0.0005, 0.1] })
    metrics.endpointRequest('container', 200, 0.01)
    const body = await bodyOf(metrics)
    expect(body).toContain('# TYPE lanyard_endpoint_request_duration_seconds histogram')
    expect(body).toContain('lanyard_endpoint_request_duration_seconds_bucket{le="0.0005",protocol="container"} 0')
    expect(body).toContain('lanyard_endpoint_request_duration_seconds_bucket{le="0.1",protocol="container"} 1')
    expect(body).toContain('lanyard_sts_request_duration_seconds_count{operation="AssumeRoleWithWebIdentity"} 0')
  })
})

describe('the number of series', () => {
  test('is under 15 in the life of a sidecar with one session that met one cause of failure', async () => {
    const metrics = sidecarMetrics(one)
    metrics.refreshed({ session: 'default', result: 'failure', code: 'StsUnavailable' })
    metrics.refreshed({ session: 'default', result: 'success' })
    metrics.obtained('default', 1)
    metrics.expiresBy('default', () => 2)
    metrics.stsRequest('AssumeRoleWithWebIdentity', 0.1)
    metrics.endpointRequest('container', 200, 0.1)
    metrics.endpointRequest('container', 503, 0.1)
    metrics.identityToken(1)
    metrics.skew(1)
    expect((await seriesOf(metrics)).length).toBeLessThan(15)
  })

  test('is bounded whatever happens, and each further session adds fewer than 15', async () => {
    const sessions = Array.from({ length: 4 }, (_, at) => ({ session: `c${at}`, role }))
    const counts = await Promise.all(
      [1, 2, 3, 4].map(async (count) => {
        const options = { version: '1', sessions: sessions.slice(0, count) }
        const metrics = sidecarMetrics(options)
        everything(metrics, options)
        return (await seriesOf(metrics)).length
      }),
    )
    expect(counts).toEqual([25, 35, 45, 55])
  })
})

describe('labels', () => {
  test('hold only configured sessions, known codes, known operations and known statuses', async () => {
    const metrics = sidecarMetrics(one)
    metrics.refreshed({ session: 'forged', result: 'failure', code: 'StsThrottled' })
    metrics.refreshed({ session: 'default', result: 'failure', code: 'forged' })
    metrics.obtained('forged', 1)
    metrics.expiresBy('forged', () => 2)
    metrics.stsRequest('Forged', 1)
    metrics.endpointRequest('container', 999, 1)
    const body = await bodyOf(metrics)
    expect(body).not.toMatch(/forged|Forged|999/)
    expect(body).toContain('refreshes_total{session="other",role="other",result="failure",code="StsThrottled"} 1')
    expect(body).toContain(`refreshes_total{session="default",role="${role}",result="failure",code="other"} 1`)
  })

  test('causes that pass do not push out the one that lasts, and beyond three of each they are other', async () => {
    const metrics = sidecarMetrics(one)
    const passing = ['StsThrottled', 'StsTimeout', 'TokenExpired', 'StsUnavailable', 'StsUnreachable', 'StsThrottled']
    const lasting = ['StsAccessDenied', 'StsAudienceRejected', 'StsPolicyMalformed', 'StsRegionDisabled']
    for (const code of [...passing, ...lasting, 'Internal', 'toString'])
      metrics.refreshed({ session: 'default', result: 'failure', code })
    const counts = (await seriesOf(metrics)).flatMap((line) => {
      const [, code, count] = /result="failure",code="(\w+)"} (\d+)/.exec(line) ?? []
      return code === undefined ? [] : [[code, Number(count)]]
    })
    expect(Object.fromEntries(counts)).toEqual({
      StsThrottled: 2,
      StsTimeout: 1,
      TokenExpired: 1,
      StsAccessDenied: 1,
      StsAudienceRejected: 1,
      StsPolicyMalformed: 1,
      other: 5,
    })
  })
})

test('the expiration is what the session serves when it is scraped', async () => {
  const metrics = sidecarMetrics(one)
  let expires: number | undefined = 10
  metrics.expiresBy('default', () => expires)
  const shown = async (): Promise<unknown> =>
    /expiration_timestamp_seconds\{session="default",.*\} (\d+)/.exec(await bodyOf(metrics))?.[1]
  expect(await shown()).toBe('10')
  expires = 20
  expect(await shown()).toBe('20')
  expires = undefined
  expect(await shown()).toBe('0')
})

test('what alerts need is there at 0 from the start, and no metric that is not ours', async () => {
  const series = await seriesOf(sidecarMetrics(one))
  expect(series).toContain(
    `lanyard_credentials_refreshes_total{session="default",role="${role}",result="success",code="none"} 0`,
  )
  expect(series).toContain(
    `lanyard_credentials_refreshes_total{session="default",role="${role}",result="failure",code="other"} 0`,
  )
  expect(series).toContain(`lanyard_credentials_expiration_timestamp_seconds{session="default",role="${role}"} 0`)
  expect(series).toContain('lanyard_endpoint_requests_total{protocol="container",code="503"} 0')
  expect(series.every((line) => line.startsWith('lanyard_'))).toBe(true)
})

test('two sidecars in one process know nothing of one another', async () => {
  const [first, second] = [sidecarMetrics(one), sidecarMetrics(one)]
  first.endpointRequest('container', 200, 1)
  expect(await bodyOf(second)).toContain('lanyard_endpoint_requests_total{protocol="container",code="200"} 0')
})

test('an IMDS sidecar starts with its own protocol', async () => {
  const series = await seriesOf(sidecarMetrics({ ...one, protocol: 'imds' }))
  expect(series).toContain('lanyard_endpoint_requests_total{protocol="imds",code="200"} 0')
  expect(series.join()).not.toContain('container')
})
