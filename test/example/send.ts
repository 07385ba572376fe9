import type { IncomingHttpHeaders } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Page } from 'playwright-core'

export type Sent = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

/** What a program sends that has this browser's cookies: a form where there is one. Redirects are not followed. */
export async function sendAs(page: Page, url: string, form?: FormData | URLSearchParams): Promise<Sent> {
  const cookies = (await page.context().cookies(url)).map(({ name, value }) => `${name}=${value}`)
  const encoded = form === undefined ? undefined : new Response(form)
  const body = encoded === undefined ? undefined : await encoded.bytes()
  const headers = {
    cookie: cookies.join('; '),
    ...(encoded !== undefined && { 'content-type': encoded.headers.get('content-type') ?? '' }),
    ...(body !== undefined && { 'content-length': body.length }),
  }
  // The names of the apps are the browser's alone: here the loopback is asked, and its certificate not judged.
  const { port, host, pathname } = new URL(url)
  const options = { host: '127.0.0.1', port, path: pathname, rejectUnauthorized: false, agent: false }
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    request({ ...options, method, headers: { ...headers, host } }, (answer) => {
      const { statusCode: status = 0, headers: answered } = answer
      text(answer).then((said) => resolve({ status, headers: answered, text: said }), reject)
    })
      .on('error', reject)
      .end(body)
  })
}

export function formOf(fields: Readonly<Record<string, string | File>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  return form
}
