import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { finish, scratch } from '../../support/processes.ts'
import type { World } from '../../unit/doctor/cluster/world.ts'

const authority = await createCertificateAuthority({ name: 'cluster', now: Date.now })
const pair = await authority.issue(['127.0.0.1'])

/** No part of it may be seen anywhere but in the request. */
export const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.c4n4ryPayload_c4n4ryPayload.c4n4rySignature_c4n4rySignature'

/** An API server that has a world and lets the caller do everything, and `lanyard doctor` that asks it. Until the test ends; `now` is its clock. */
export async function clusterOf(things: World, now: () => number = Date.now) {
  const seen: string[] = []
  const answerTo = (method: string, url: string, body: string): Answer => {
    if (method === 'POST') return [201, textOf(created(url, body))]
    const found = things.get(url.split('?')[0] ?? '')
    return found === undefined ? status(404) : [200, textOf(found)]
  }
  const server = createServer({ cert: pair.cert, key: pair.key }, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method = '', url = '', headers } = request
    seen.push(`${method} ${url}`)
    const isKnown = headers.authorization === `Bearer ${TOKEN}`
    const [code, text] = isKnown ? answerTo(method, url, body) : status(401)
    response.writeHead(code, { date: new Date(now()).toUTCString() }).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const kubeconfig = join(scratch(), 'kubeconfig')
  const configure = (token: string): void => writeFileSync(kubeconfig, JSON.stringify(configOf(port, token)))
  configure(TOKEN)
  const doctorBy = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    finish({ program: 'lanyard.ts', args: ['doctor', ...args], env: { ...env, KUBECONFIG: kubeconfig } })
  const doctor = (...args: readonly string[]) => doctorBy({}, ...args)
  return { seen, doctor, doctorBy, configure, close: () => server.close() }
}

type Answer = readonly [code: number, text: string]
const status = (code: number): Answer => [code, JSON.stringify({ kind: 'Status', message: 'no', code })]
const textOf = (found: unknown): string =>
  typeof found === 'string' ? found : JSON.stringify(Array.isArray(found) ? { items: found } : found)
const created = (url: string, body: string): unknown =>
  url.includes('accessreviews') ? { status: { allowed: true } } : JSON.parse(body)

const configOf = (port: number, token: string): object => ({
  clusters: [
    {
      name: 'c',
      cluster: {
        server: `https://127.0.0.1:${port}`,
        'certificate-authority-data': Buffer.from(authority.pem).toString('base64'),
      },
    },
  ],
  users: [{ name: 'u', user: { token } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
  'current-context': 'x',
})

/** What a webhook would be trusted by, as a caBundle. */
export const BUNDLE = Buffer.from(authority.pem).toString('base64')
