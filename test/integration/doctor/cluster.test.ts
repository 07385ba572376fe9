import { expect, test } from 'vitest'
import { codes } from '../../../src/errors/index.ts'
import { gen } from '../../support/gen.ts'
import { configMap, injectedPod, PATHS, podInState, webhookDeployment, world } from '../../unit/doctor/cluster/world.ts'
import { BUNDLE, clusterOf, TOKEN } from './clusterServer.ts'

/** Of this moment, since the process has the machine's clock. */
const METRICS = `lanyard_credentials_expiration_timestamp_seconds{session="default",role="x"} ${Date.now() / 1_000 + 3_600}
lanyard_endpoint_requests_total{protocol="container",code="200"} 1
`
/** Its STS is not AWS's, which could not take the issuer of a cluster that is not there. */
const elsewhere = { 'aws.stsEndpoint': 'https://sts.example.com' }
const well = {
  [PATHS.metrics]: METRICS,
  [PATHS.config]: configMap(elsewhere),
  [PATHS.pod]: injectedPod(gen.pod(), {}, elsewhere),
  '/.well-known/openid-configuration': JSON.stringify({
    issuer: 'https://kubernetes.default.svc',
    jwks_uri: 'https://kubernetes.default.svc/openid/v1/jwks',
  }),
  '/openid/v1/jwks': JSON.stringify({ keys: [] }),
}

test('a pod that is well: each check as a line, and exit code 0', async () => {
  const { doctor, seen } = await clusterOf(world(BUNDLE, well))
  const { code, stdout, stderr } = await doctor('pod/web', '-n', 'shop')
  expect(stderr).toBe('')
  expect(stdout).toContain('ok    the sidecars run\n')
  expect(stdout).toMatch(/\n\d+ ok, 0 warn, 0 fail, \d+ skipped\n$/)
  expect(code).toBe(0)
  // Reviews and dry runs are all that is posted, and Secrets are never asked for.
  const posted = seen.filter((line) => !line.startsWith('GET '))
  expect(
    posted.every((line) =>
      /^POST \/(apis\/authorization\.k8s\.io|api\/v1\/namespaces\/shop\/pods\?dryRun=All$)/.test(line),
    ),
  ).toBe(true)
  expect(posted.length).toBeGreaterThan(10)
  expect(seen.filter((line) => line.includes('/secrets'))).toEqual([])
})

test('the namespace is that of the context, if none is given', async () => {
  const { doctor } = await clusterOf(world(BUNDLE, well))
  expect(await doctor('web')).toMatchObject({ code: 0 })
  expect(await doctor('pod', 'web')).toMatchObject({ code: 0 })
})

test('a pod that is ill: JSON on the standard output, the progress on the other, exit code 1', async () => {
  const message = 'PortInUse: LANYARD_CREDENTIALS_PORT: port 9797 of 127.0.0.1 is taken. Stop it.'
  const pod = podInState({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { message } } })
  const { doctor } = await clusterOf(world(BUNDLE, { ...well, [PATHS.pod]: pod }))
  const { code, stdout, stderr } = await doctor('pod/web', '-n', 'shop', '--json')
  const report = JSON.parse(stdout)
  expect(report).toMatchObject({
    verdict: 'fail',
    first: { code: 'PortInUse', fix: expect.stringContaining('lanyard.dev/credentials-port') },
  })
  expect(stderr).toContain('FAIL  the sidecars run\n')
  expect(code).toBe(1)
  for (const { findings } of report.checks)
    for (const finding of findings) if (finding.code !== undefined) expect(Object.keys(codes)).toContain(finding.code)
})

test('warnings alone have an exit code of their own', async () => {
  const { doctor } = await clusterOf(
    world(BUNDLE, { ...well, [PATHS.deployment]: webhookDeployment({ readyReplicas: 1 }) }),
  )
  const { code, stdout } = await doctor('pod/web', '-n', 'shop')
  expect([code, stdout]).toEqual([3, expect.stringContaining('warn  the webhook is up\n')])
})

test('who is not known to the API server is told to log in, and nothing is known further on', async () => {
  const { doctor, configure } = await clusterOf(world(BUNDLE))
  configure('another')
  const { code, stdout } = await doctor('pod/web', '-n', 'shop')
  expect(stdout).toContain('Begin with ClusterConfigurationMissing: Log in again')
  expect(stdout.replaceAll(/\n +/g, ' ')).toMatch(
    /skip {2}\d+ checks skipped: rights, target, .*, which depend on api-server\n/,
  )
  expect(code).toBe(1)
})

test('time is that of the cluster: what expires tomorrow holds today', async () => {
  const tomorrow = (): number => Date.now() + 86_400_000
  const expires = (left: number): string => METRICS.replace(/ \d+(\.\d+)?\n/, ` ${(tomorrow() + left) / 1_000}\n`)
  const { doctor } = await clusterOf(world(BUNDLE, { [PATHS.metrics]: expires(600_000) }), tomorrow)
  expect((await doctor('pod/web')).stdout).toContain('its credentials last 10 min more')
  const { doctor: late } = await clusterOf(world(BUNDLE, { [PATHS.metrics]: expires(-600_000) }), tomorrow)
  expect((await late('pod/web')).stdout).toContain('its credentials have expired')
})

test('an API server that is not there', async () => {
  const { doctor, close } = await clusterOf(world(BUNDLE))
  close()
  const { code, stdout } = await doctor()
  expect(stdout).toContain('FAIL  the API server answers')
  expect(stdout).toContain('Begin with ClusterUnreachable')
  expect(code).toBe(1)
})

test.each([
  [['pod/web', 'pod/api'], /TARGET: one at a time: "pod\/web pod\/api" are several/],
  [['pod'], /TARGET: "pod" is a kind, without a name/],
  [['-A', '-n', 'shop'], /--all-namespaces: --namespace is given as well/],
  [['-A', 'pod/web'], /--all-namespaces: TARGET pod\/web is given as well/],
  [['--namespace', '../x'], /no name of a namespace/],
  [['--system-namespace', '../x'], /--system-namespace: it is no name of a namespace/],
  [['thing/web'], /there is no kind "thing"/],
  [['--yaml'], /FlagUnknown/],
])('called wrongly: %j', async (args, message) => {
  const { doctor } = await clusterOf(world(BUNDLE))
  const { code, stdout, stderr } = await doctor(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
})

test('no token is shown', async () => {
  const { doctor } = await clusterOf(world(BUNDLE, { ...well, [PATHS.log]: TOKEN, [PATHS.metrics]: TOKEN }))
  const { stdout, stderr } = await doctor('pod/web', '-n', 'shop', '--json')
  expect(stdout + stderr).not.toContain('c4n4ry')
})
