import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { OidcAccount } from './options.ts'
import { readBody } from './serviceAccounts.ts'

export const INTERACTION_PATH = '/interaction/'

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** A form of two fields, `username` and `password`, with a button: all that a browser under control needs. */
function page(title: string, action: string, problem?: string): string {
  const alert = problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 12vh auto; padding: 0 1rem }
label { display: block; margin: 1rem 0 } input { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box }
button { font: inherit; padding: .5rem 1.5rem } [role=alert] { color: #a00000 }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>${alert}
<form method="post" action="${escapeHtml(action)}">
<label>User name <input name="username" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button type="submit">Sign in</button>
</form>
</main>
</body>
</html>
`
}

/** Answers the login page of an interaction, and ends the interaction where the password is right. */
export async function answerLogin(
  provider: Provider,
  accounts: readonly OidcAccount[],
  title: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const action = request.url ?? ''
  const answer = (status: number, problem?: string): void => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    response.end(page(title, action, problem))
  }
  if (request.method !== 'POST') return answer(200)
  const form = new URLSearchParams(await readBody(request))
  const account = accounts.find(
    ({ username, password }) => form.get('username') === username && form.get('password') === password,
  )
  if (account === undefined) return answer(401, 'The user name or the password is wrong.')
  await provider.interactionFinished(request, response, { login: { accountId: account.id } })
}
