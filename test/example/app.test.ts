import { expect, test } from 'vitest'
import { freePort, scratch, start } from '../support/processes.ts'
import { type App, startApp } from './app.ts'

/** Without TLS before it, and with nothing that answers behind it. */
async function alone(): Promise<App & { readonly url: string }> {
  const nobody = `127.0.0.1:${await freePort()}`
  const app = await startApp({
    dir: scratch(),
    publicUrl: 'http://localhost:8080',
    file: {
      role: 'files',
      bucket: 'user-files',
      providers: [{ name: 'away', title: 'Away', issuer: `https://${nobody}`, clientId: 'files' }],
    },
    env: {
      LANYARD_USER_CREDENTIALS_URL: `http://${nobody}/v1/user-credentials`,
      LANYARD_USER_CREDENTIALS_TOKEN_FILE: '/nowhere/token',
    },
  })
  return { ...app, url: `http://127.0.0.1:${app.port}` }
}

test('a provider that does not answer is said to be away', async () => {
  const { url } = await alone()
  const answer = await fetch(`${url}/login/away`, { redirect: 'manual' })
  const text = await answer.text()
  expect(answer.status).toBe(502)
  expect(text).toContain('Something that this app needs does not answer')
  expect(text).toContain('ProviderUnreachable')
})

test('the callback of nobody, with whatever in it, is answered with a page', async () => {
  const { url } = await alone()
  const code = async (path: string): Promise<string> => {
    const text = await (await fetch(`${url}${path}`)).text()
    expect(text).not.toContain('<script>')
    return /<code>(\w+)</.exec(text)?.[1] ?? text
  }
  expect(await code('/callback/away?code=x&state=%3Cscript%3E')).toBe('LoginNotStarted')
  expect(await code('/callback/%3Cscript%3E')).toBe('PageNotFound')
  expect(await code('/callback/%E0%A4%A')).toBe('FormInvalid')
  expect(await code('/callback/__proto__')).toBe('PageNotFound')
})

test('over plain http, as on a laptop, nothing is promised that needs https', async () => {
  const { url } = await alone()
  const { headers } = await fetch(`${url}/`)
  expect(headers.get('strict-transport-security')).toBeNull()
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('it is alive when it says so, and ends when it is told to', async () => {
  const { url, process } = await alone()
  expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n')
  expect(await process.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(process.stderr()).toBe('')
})

test('without Lanyard it does not start, and says what is missing', async () => {
  const env = { CONFIG_FILE: 'test/example/no-such-file.json' }
  const app = start({ program: '../examples/web-login/main.ts', env })
  expect((await app.ended).code).toBe(1)
  expect(app.stderr()).toContain('web-login: test/example/no-such-file.json: ENOENT')
})
