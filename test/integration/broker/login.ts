import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:https'

type Page = { readonly status: number; readonly location: string | undefined; readonly body: string }

/** What a browser does of a login: it keeps cookies, follows redirects, and sends a form. */
function createBrowser(ca: string) {
  const cookies = new Map<string, string>()
  return (url: string, form?: URLSearchParams): Promise<Page> =>
    new Promise((resolve, reject) => {
      const headers = {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
      }
      const outgoing = request(url, { ca, headers, method: form ? 'POST' : 'GET', agent: false }, (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
          cookies.set(name, value)
        }
        let body = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          body += part
        })
        const { statusCode: status = 0 } = response
        response.on('end', () => resolve({ status, location: response.headers.location, body }))
      })
      outgoing.on('error', reject).end(form?.toString())
    })
}

export type Login = {
  readonly issuer: string
  readonly ca: string
  readonly clientId: string
  readonly redirectUri: string
  readonly username: string
  readonly password: string
  readonly nonce: string
}

/** Logs a user in by authorization code with PKCE (RFC 7636), as an app and a browser do it, and returns the ID token. */
export async function logIn(login: Login): Promise<string> {
  const { issuer, clientId, redirectUri, username, password, nonce } = login
  const browse = createBrowser(login.ca)
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  let url = `${issuer}/auth?${query}`
  let page = await browse(url)
  for (let step = 0; step < 10 && !url.startsWith(redirectUri); step += 1) {
    const next = page.location === undefined ? url : new URL(page.location, url).href
    const form = page.location === undefined ? new URLSearchParams({ username, password }) : undefined
    url = next
    if (!url.startsWith(redirectUri)) page = await browse(url, form)
  }
  const code = new URL(url).searchParams.get('code')
  if (code === null) throw new Error(`the login ended at ${url} with ${page.status}: ${page.body.slice(0, 300)}`)
  const grant = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri }
  const answer = await browse(`${issuer}/token`, new URLSearchParams({ ...grant, client_id: clientId }))
  const { id_token: token } = JSON.parse(answer.body)
  if (typeof token !== 'string') throw new Error(`no ID token: ${answer.body}`)
  return token
}
