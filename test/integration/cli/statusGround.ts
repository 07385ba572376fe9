import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createCertificateAuthority } from '../../../src/testbed/index.ts'
import { finish, scratch, start } from '../../support/processes.ts'

const authority = await createCertificateAuthority({ name: 'cluster', now: Date.now })
const pair = await authority.issue(['127.0.0.1'])

type Answer = { readonly code?: number; readonly body: string } | 'silence'
/** What is answered to a path, with its query; undefined where nothing is there. */
export type Answers = (url: URL) => Answer | undefined

/** An API server that says that, and `lanyard status` with a kubeconfig for it, whose context has the namespace `shop`. */
export async function clusterThat(answers: Answers, { date = new Date() } = {}) {
  const asked: string[] = []
  let open = 0
  let most = 0
  const answer = (url: string, response: ServerResponse): void => {
    const found = answers(new URL(url, 'https://cluster'))
    if (found === 'silence') return
    const { code = 200, body } = found ?? { code: 404, body: JSON.stringify({ kind: 'Status', message: 'not found' }) }
    response.writeHead(code, { date: date.toUTCString() }).end(body)
  }
  const server = createServer({ ...pair, keepAliveTimeout: 0 }, ({ url = '' }, response) => {
    asked.push(url)
    open += 1
    most = Math.max(most, open)
    response.on('close', () => {
      open -= 1
    })
    answer(url, response)
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const kubeconfig = join(scratch(), 'kubeconfig')
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': Buffer.from(authority.pem).toString('base64'),
  }
  const config = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user: { token: 'eyJ.c4n4ry' } }],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'y', context: { cluster: 'c', user: 'u', namespace: 'other' } },
    ],
    'current-context': 'x',
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  const options = (args: readonly string[]) => ({
    program: 'lanyard.ts',
    args: ['status', ...args],
    env: { KUBECONFIG: kubeconfig },
  })
  return {
    asked,
    kubeconfig,
    figures: () => ({ most, connections }),
    run: (...args: readonly string[]) => finish(options(args)),
    start: (...args: readonly string[]) => start(options(args)),
  }
}

export const ok = (value: unknown): Answer => ({ body: typeof value === 'string' ? value : JSON.stringify(value) })
export const refused = (message: string): Answer => ({
  code: 403,
  body: JSON.stringify({ kind: 'Status', reason: 'Forbidden', message }),
})
