import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { tabOrderOf, violationsOn } from './accessibility.ts'
import { addFile, namesIn, signIn } from './browser.ts'
import { setStage } from './stage.ts'

const { world, person } = setStage()

/** In both colour schemes. */
async function expectGood(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await violationsOn(page), `${page.url()} ${colorScheme}`).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null })
}

test('a bad page would be seen', async () => {
  const page = await person()
  await page.setContent(`<title></title><body style="background:#fff"><h1>A</h1><h3>B</h3><th>C</th>
    <p style="color:#999">faint</p><button></button><img src="x"><a href="/" tabindex="3">x</a>`)
  expect(await violationsOn(page)).toEqual(
    expect.arrayContaining([
      'the page says no language',
      'the page has no title',
      'a level of headings is skipped',
      'there is not one header, main and footer',
      'an image has no alternative',
      'an order of tabs is forced',
      'there is a style of an element',
      'there is no main',
      'a button has no name',
      'faint: a contrast of 2.85',
    ]),
  )
})

test('sign-in, files, refusal and sign-out are good pages, in light and in dark', async () => {
  const { app, logins } = world()
  const [login] = logins
  const [account = { username: '', password: '', name: '' }] = login.accounts
  const page = await person()
  await page.goto(app)
  await expectGood(page)
  await signIn(page, app, login, account)
  await expectGood(page)
  await addFile(page, 'a.txt', 'a')
  await expectGood(page)
  await page.goto(`${app}/files/somebody/else`)
  await expectGood(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in to your files' }).waitFor()
  await expectGood(page)
})

test('everything can be done by keyboard alone', async () => {
  const { app, logins } = world()
  const [login] = logins
  const [, account = { username: '', password: '', name: '' }] = login.accounts
  const page = await person()
  await page.goto(app)
  expect(await tabOrderOf(page)).toEqual([
    'Skip to content',
    'Filebox',
    'Continue with Northern Login',
    'Continue with Southern Login',
    'Continue with Crooked login',
  ])
  await page.goto(app)
  for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) await page.keyboard.press(key)
  await page.getByLabel('User name').waitFor()
  await page.keyboard.type(account.username)
  await page.keyboard.press('Tab')
  await page.keyboard.type(account.password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${app}/files`)

  expect(await tabOrderOf(page)).toEqual(['Skip to content', 'Filebox', 'Sign out', 'File, up to 1 MB', 'Add file'])
  await page.goto(`${app}/files`)
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('Tab')
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Space')])
  await chooser.setFiles({ name: 'typed.txt', mimeType: 'text/plain', buffer: Buffer.from('typed') })
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('status').waitFor()
  expect(await namesIn(page)).toEqual(['typed.txt'])
  expect(await tabOrderOf(page)).toEqual([
    'Skip to content',
    'Filebox',
    'Sign out',
    'files',
    'typed.txt',
    'File, up to 1 MB',
    'Add file',
  ])
})

test('nothing moves for whoever wants nothing to move, and all of it fits a narrow screen', async () => {
  const { app } = world()
  const page = await person()
  await page.goto(app)
  const duration = () =>
    page
      .locator('.button')
      .first()
      .evaluate((element) => {
        return element.ownerDocument.defaultView.getComputedStyle(element).transitionDuration
      })
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect(await duration()).toBe('0.15s')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await duration()).toBe('0s')
  // 1.4.10: at 320 pixels nothing has to be scrolled sideways.
  await page.setViewportSize({ width: 320, height: 640 })
  const width = await page.locator('html').evaluate((root) => root.scrollWidth)
  expect(width).toBeLessThanOrEqual(320)
})
