import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { review } from '../../unit/webhook/reviews.ts'
import { type Call, send } from '../webhook/client.ts'
import { ca, layOut, pair } from '../webhook-process/webhook.ts'
import { secretFinder } from './secrets.ts'

const ENV = 'CANARY-env-3b9d1f7a5c2e8064-of-the-pod'
const POLICY = 'PolicyCanary70f2b6d81e94ac35'
const HEADER = 'Header-CANARY-e1c5907bd2486fa3'
const role = 'arn:aws:iam::111122223333:role/web'
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Sid: POLICY, Effect: 'Allow', Action: '*', Resource: '*' }],
})

const value = (name: string) => ({ name, value: ENV })
const podOf = (annotations: Readonly<Record<string, string>>, env: unknown, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', annotations },
  spec: {
    containers: [{ name: 'app', image: 'app:1', args: [ENV], env, envFrom: [{ secretRef: { name: 'all' } }] }],
    ...more,
  },
})
const asked = { 'lanyard.dev/role-arn': role }

/** Pods that are injected, skipped and denied, with secrets wherever a pod can have them. */
const pods: readonly object[] = [
  podOf(asked, [value('DB_PASSWORD'), { name: 'FROM', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }]),
  podOf({ ...asked, 'lanyard.dev/session-policy': policy }, [value('DB_PASSWORD')]),
  podOf(asked, [{ name: 'HTTPS_PROXY', value: `http://user:${ENV}@proxy:3128` }]),
  podOf({}, [value('DB_PASSWORD')]),
  podOf({ 'lanyard.dev/inject': 'false' }, [value('DB_PASSWORD')]),
  // Denied.
  podOf(asked, [value('AWS_ACCESS_KEY_ID'), value('AWS_SECRET_ACCESS_KEY'), value('AWS_SESSION_TOKEN')]),
  podOf(asked, [
    ...['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_ROLE_ARN'].map(value),
    ...['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'].map(value),
    ...['AWS_CONTAINER_AUTHORIZATION_TOKEN', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'].map(value),
  ]),
  podOf({ ...asked, 'lanyard.dev/session-policy': policy.slice(0, -3) }, []),
  podOf({ ...asked, 'lanyard.dev/session-policy': policy.replace('{', `{${' '.repeat(3000)}`) }, []),
  podOf({ ...asked, 'lanyard.dev/containers': 'none' }, [value('DB_PASSWORD')], { hostNetwork: true }),
  // Not as the API server would send them.
  podOf(asked, ENV),
  podOf(asked, [ENV, null, { name: ENV, value: { [ENV]: ENV } }]),
  podOf(asked, { [ENV]: ENV }),
  podOf(asked, [], { containers: ENV, initContainers: [ENV], volumes: { [ENV]: ENV } }),
]

const json = { 'content-type': 'application/json' }
const whole = JSON.stringify(review({ object: pods[0] }))

/** Bodies that are no reviews, each with secrets in it. */
const calls: readonly Omit<Call, 'port' | 'ca'>[] = [
  { body: whole.slice(0, -2) },
  { body: whole.slice(0, whole.indexOf(ENV) + 20) },
  { body: `"${ENV}"` },
  { body: JSON.stringify({ kind: ENV }) },
  { body: JSON.stringify(review({ object: ENV })) },
  { body: JSON.stringify(review({ object: pods[0] }, { kind: ENV })) },
  { body: whole.replace('"CREATE"', JSON.stringify(ENV)) },
  { body: whole, headers: { 'content-type': 'text/plain', authorization: HEADER, cookie: HEADER } },
  { body: whole, headers: { ...json, 'content-encoding': 'gzip', authorization: HEADER } },
  { body: whole, headers: { ...json, 'x-token': HEADER }, path: `/mutate?token=${HEADER}` },
  { body: whole, headers: json, path: `/${HEADER}` },
  { body: whole, method: 'PUT', headers: { ...json, authorization: HEADER } },
  { body: whole.padEnd(70_000), headers: json },
]

test('no secret of a pod gets out of the webhook, but into the patch what the sidecar is told', async () => {
  const layout = await layOut({
    webhook: { maxBodyBytes: 65_536 },
    env: { staticKeys: 'warn' },
    log: { level: 'debug' },
  })
  const webhook = layout.start()
  await webhook.said(/"msg":"webhook started"/)
  const output: string[] = []
  const patches: string[] = []
  const allowed: boolean[] = []
  for (const object of pods) {
    const { status, text } = await layout.mutate(object)
    expect(status).toBe(200)
    const { response } = JSON.parse(text)
    const { patch, ...rest } = response
    allowed.push(response.allowed)
    output.push(JSON.stringify(rest))
    if (patch !== undefined) patches.push(Buffer.from(patch, 'base64').toString())
  }
  expect(allowed.slice(0, 5)).toEqual([true, true, true, true, true])
  expect(allowed.slice(6)).toEqual(allowed.slice(6).fill(false))
  for (const call of calls) {
    const { status, text } = await send({ port: layout.ports.webhook, ca: ca.pem, ...call })
    expect([status >= 400 && status < 500, status === 200 && text.includes('"allowed"')]).toContain(true)
    output.push(text)
  }
  output.push(await plainly(layout.ports.webhook, `GET /${HEADER} HTTP/1.1\r\nAuthorization: ${HEADER}\r\n\r\n`))
  for (const path of ['/metrics', '/readyz', `/${HEADER}`]) output.push((await layout.observe(path)).text)
  expect(await webhook.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  output.push(webhook.stdout(), webhook.stderr())

  const keyLines = pair.key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'))
  const find = secretFinder([ENV, HEADER, ...keyLines])
  expect([...output, ...patches].flatMap(find)).toEqual([])
  expect(output.flatMap(secretFinder([POLICY]))).toEqual([])
  expect(patches.flatMap(secretFinder([POLICY]))).toHaveLength(1)
  expect(webhook.stdout().match(/"msg":"admission review answered"/g)?.length).toBeGreaterThanOrEqual(pods.length)
})

test.each([
  ['of another certificate', () => pair.key],
  ['that breaks off', () => pair.key.slice(0, 120)],
])('no key %s gets out of a webhook that cannot start', async (_, keyOf) => {
  const layout = await layOut()
  const other = await ca.issue(['127.0.0.1'])
  layout.write('tls.crt', other.cert)
  layout.write('tls.key', keyOf())
  const webhook = layout.start()
  expect((await webhook.ended).code).toBe(1)
  const body = pair.key.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'))
  expect(secretFinder(body)(webhook.stdout() + webhook.stderr())).toEqual([])
})

/** Whoever forgets TLS. */
async function plainly(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  socket.on('error', () => {}).end(bytes)
  await once(socket, 'close')
  return text
}
