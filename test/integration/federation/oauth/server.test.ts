/** The OAuth 2.0 server of the tests: what its logins give to an app, and that it runs as a process. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { fileURLToPath } from 'node:url'
import { decodeJwt } from 'jose'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createCertificateAuthority } from '../../../../src/testbed/index.ts'
import { startOidcProvider } from '../../../support/oidcProvider.ts'

// Keys and a process are made: a busy machine takes its time for them.
vi.setConfig({ testTimeout: 60_000 })

type Answer = { readonly status: number; readonly location: string; readonly cookies: string[]; readonly body: string }

function send(url: string, ca: string, form?: Record<string, string>, cookie = ''): Promise<Answer> {
  const headers = { cookie, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: form ? 'POST' : 'GET', ca, headers, agent: false }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      const { location = '', 'set-cookie': cookies = [] } = response.headers
      resolve({ status: response.statusCode ?? 0, location, cookies, body })
    })
    outgoing.on('error', reject)
    outgoing.end(form && new URLSearchParams(form).toString())
  })
}

/** As little of a browser as a login needs. */
function browser(base: string, ca: string) {
  const jar = new Map<string, string>()
  return async (path: string, form?: Record<string, string>): Promise<Answer> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(new URL(path, base).href, ca, form, cookie)
    for (const text of answer.cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
      jar.set(name, value)
    }
    return answer
  }
}

const callback = 'https://127.0.0.1:8443/callback'

it('logs two users in by a code with PKCE, each with an ID token of their own', async () => {
  const ca = await createCertificateAuthority({ name: 'test', now: Date.now })
  const oidc = await startOidcProvider({
    ca,
    clients: [{ kind: 'web', clientId: 'files', redirectUris: [callback] }],
    accounts: [
      { id: 'u1', username: 'first', password: 'one', email: 'first@example.com' },
      { id: 'u2', username: 'second', password: 'two', name: 'Second' },
    ],
  })
  onTestFinished(oidc.stop)
  const verifier = 'v'.repeat(50)
  const challenge = { code_challenge: createHash('sha256').update(verifier).digest('base64url') }
  const asked = { client_id: 'files', response_type: 'code', redirect_uri: callback, code_challenge_method: 'S256' }
  for (const [username, password, claims] of [
    ['first', 'one', { sub: 'u1', email: 'first@example.com', email_verified: true }],
    ['second', 'two', { sub: 'u2', name: 'Second' }],
  ] as const) {
    const go = browser(oidc.url, ca.pem)
    const query = new URLSearchParams({ ...asked, ...challenge, scope: 'openid email profile', nonce: `n-${username}` })
    const { location: page } = await go(`/auth?${query}`)
    expect((await go(page)).body).toContain('<form method="post"')
    const wrong = await go(page, { username, password: 'wrong' })
    expect([wrong.status, wrong.body.includes('role="alert"')]).toEqual([401, true])
    const { location: back } = await go(page, { username, password })
    const code = new URL((await go(back)).location).searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', client_id: 'files', redirect_uri: callback, code }
    expect((await go('/token', { ...form, code_verifier: `${verifier}x` })).status).toBe(400)
    const again = new URL((await go(`/auth?${query}`)).location).searchParams.get('code') ?? ''
    const { body } = await go('/token', { ...form, code: again, code_verifier: verifier })
    const expected = { iss: oidc.url, aud: 'files', nonce: `n-${username}`, ...claims }
    expect(decodeJwt(JSON.parse(body).id_token)).toMatchObject(expected)
  }
})

it('runs as a process, with an authority of its own, to be stopped by SIGTERM', async () => {
  const main = fileURLToPath(new URL('../../../support/oidcProviderMain.ts', import.meta.url))
  const child = spawn(process.execPath, [main, '{"hosts":["127.0.0.1"]}'], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let said = ''
  for await (const chunk of child.stdout) {
    said += chunk
    if (said.endsWith('\n')) break
  }
  const { url, ca } = JSON.parse(said) as { url: string; ca: string }
  expect(await send(`${url}/healthz`, ca)).toMatchObject({ status: 200, body: 'ok' })
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
