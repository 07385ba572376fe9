import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { HOSTS } from './front.ts'
import type { Account, Login } from './providers.ts'
import { CHROMIUM } from './tools.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=${HOSTS.map((host) => `MAP ${host} 127.0.0.1`).join(',')}`,
]

/** Debian's Chromium. */
export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: flags })

/** A browser of one person: nothing is shared with another's. Certificates are the testbed's. */
export async function openPerson(browser: Browser): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    acceptDownloads: true,
    viewport: { width: 960, height: 640 },
    locale: 'en-GB',
  })
  context.setDefaultTimeout(30_000)
  return { context, page: await context.newPage() }
}

/** From the app's first page to wherever the app leads at the end of the login. */
export async function signIn(page: Page, app: string, { title }: Login, account: Account): Promise<void> {
  await page.goto(app)
  await page.getByRole('link', { name: `Continue with ${title}` }).click()
  await page.getByLabel('User name').fill(account.username)
  await page.getByLabel('Password').fill(account.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${app}/**`)
}

export async function addFile(page: Page, name: string, content: string): Promise<void> {
  await page.getByLabel(/^File/).setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })
  await page.getByRole('button', { name: 'Add file' }).click()
  await page.waitForURL('**/files')
}

/** What a click on a file's name leaves on the user's disk. */
export async function download(page: Page, name: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name, exact: true }).click(),
  ])
  const chunks: Buffer[] = []
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** The names that the table shows. */
export const namesIn = (page: Page): Promise<string[]> => page.locator('tbody th').allInnerTexts()

/** What a page of a refusal says. */
export async function refusalOn(page: Page): Promise<{ title: string; code: string; by: string }> {
  const [code = '', by = ''] = await page.locator('dd').allInnerTexts()
  return { title: await page.getByRole('heading', { level: 1 }).innerText(), code, by }
}

/** Where users' keys begin, as the page says it. */
export const prefixOn = (page: Page): Promise<string> => page.locator('main > p code').innerText()
