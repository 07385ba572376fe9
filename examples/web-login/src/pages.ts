/** What users see. Plain HTML: the pages have no script. */
import type { Provider } from './config.ts'
import type { Listing } from './files.ts'
import { type Html, html } from './html.ts'
import type { Refusal } from './refusal.ts'
import { refusers, wordsOf } from './words.ts'

/** Who looks at a page, where somebody is signed in. */
export type Viewer = { readonly displayName: string; readonly providerTitle: string; readonly csrf: string }

export function loginPage(providers: readonly Provider[], signedOutOf?: string): Html {
  const body = html`
<div class="card narrow">
  <h1>Sign in to your files</h1>
  ${signedOutOf !== undefined && html`<p class="note" role="status">You are signed out here. At ${signedOutOf} you may still be signed in.</p>`}
  <p>Your files are yours alone. Sign in with an account that you already have.</p>
  <ul class="choices">
    ${providers.map(({ name, title }) => html`<li><a class="button" href="/login/${name}">Continue with ${title}</a></li>`)}
  </ul>
</div>`
  return page('Sign in', body)
}

export type FilesView = {
  readonly viewer: Viewer
  readonly prefix: string
  readonly listing: Listing
  readonly note: string | undefined
  readonly limit: string
}

export function filesPage({ viewer, prefix, listing, note, limit }: FilesView): Html {
  const body = html`
<h1>Your files</h1>
${note !== undefined && html`<p class="note" role="status">${note}</p>`}
<section class="card" aria-labelledby="files">
  <h2 id="files">Stored</h2>
  ${listing.files.length === 0 ? html`<p>There is nothing yet. Add your first file below.</p>` : table(listing, prefix)}
  ${listing.more && html`<p>These are the first ${listing.files.length}; there are more.</p>`}
</section>
<section class="card" aria-labelledby="add">
  <h2 id="add">Add a file</h2>
  <form method="post" action="/files" enctype="multipart/form-data">
    <input type="hidden" name="csrf" value="${viewer.csrf}">
    <label for="file">File, up to ${limit}</label>
    <input id="file" name="file" type="file" required>
    <button type="submit">Add file</button>
  </form>
</section>
<p class="small">All of it lies below <code>${prefix}</code>, the only place of the bucket that your credentials open.</p>`
  return page('Your files', body, viewer)
}

const table = ({ files }: Listing, prefix: string): Html => html`
  <div class="scroll" role="region" aria-labelledby="files" tabindex="0">
  <table>
    <thead><tr><th scope="col">Name</th><th scope="col" class="number">Size</th><th scope="col">Changed</th></tr></thead>
    <tbody>
      ${files.map(
        ({ key, size, changed }) => html`<tr>
        <th scope="row"><a href="${hrefOf(key)}" download>${key.slice(prefix.length)}</a></th>
        <td class="number">${sizeOf(size)}</td>
        <td>${changed !== undefined && html`<time datetime="${changed.toISOString()}">${dateOf(changed)}</time>`}</td>
      </tr>`,
      )}
    </tbody>
  </table>
  </div>`

export function refusalPage(refusal: Refusal, viewer: Viewer | undefined): Html {
  const { title, text } = wordsOf(refusal)
  const body = html`
<div class="card narrow">
  <h1>${title}</h1>
  <p>${text}</p>
  ${refusal.retryAfter !== undefined && html`<p>Try again in ${refusal.retryAfter} seconds.</p>`}
  <p><a class="button" href="/">${viewer === undefined ? 'Back to sign-in' : 'Back to your files'}</a></p>
  <dl class="small">
    <div><dt>Code</dt><dd><code>${refusal.code}</code></dd></div>
    <div><dt>Refused by</dt><dd>${refusers[refusal.by]}</dd></div>
    ${refusal.detail !== undefined && html`<div><dt>Details</dt><dd>${refusal.detail}</dd></div>`}
  </dl>
</div>`
  return page(title, body, viewer)
}

const account = ({ displayName, providerTitle, csrf }: Viewer): Html => html`
  <div class="account">
    <p>Signed in as <strong>${displayName}</strong> <span class="by">with ${providerTitle}</span></p>
    <form method="post" action="/logout">
      <input type="hidden" name="csrf" value="${csrf}">
      <button type="submit" class="quiet">Sign out</button>
    </form>
  </div>`

const page = (title: string, body: Html, viewer?: Viewer): Html => html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} – Filebox</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
  <p class="brand"><img src="/icon.svg" alt="" width="28" height="28"><a href="/">Filebox</a></p>
  ${viewer !== undefined && account(viewer)}
</header>
<main id="main" tabindex="-1">${body}
</main>
<footer><p>An example of Lanyard: this server holds no AWS key.</p></footer>
</body>
</html>
`

export const hrefOf = (key: string): string => `/files/${key.split('/').map(encodeURIComponent).join('/')}`

const dateOf = (date: Date): string =>
  date.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).concat(' UTC')

export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  const [size, unit] = bytes < 1_048_576 ? [bytes / 1024, 'kB'] : [bytes / 1_048_576, 'MB']
  return `${Number(size.toFixed(1))} ${unit}`
}
