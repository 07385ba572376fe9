/** Pictures for docs/developers/web-login.md, where `npm run example -- --screenshots` asks for them. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addFile, signIn } from './browser.ts'
import type { Account } from './providers.ts'
import { setStage } from './stage.ts'

const { world, person } = setStage()
const folder = process.env['EXAMPLE_SCREENSHOTS'] ?? ''
const MOST_BYTES = 150_000

/** In both colour schemes. */
async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const path = join(folder, `web-login-${name}-${colorScheme}.png`)
    await page.screenshot({ path })
    expect(statSync(path).size).toBeLessThan(MOST_BYTES)
  }
}

test('the sign-in, the files and two refusals', async () => {
  const { app, otherApp, logins } = world()
  const [login] = logins
  const page = await person()
  await page.setViewportSize({ width: 960, height: 760 })
  // With the two good providers alone; it looks the same.
  await page.goto(otherApp)
  await shoot(page, 'sign-in')
  await signIn(page, app, login, login.accounts[0] as Account)
  await addFile(page, 'holiday.txt', 'sun, mostly\n'.repeat(300))
  await addFile(page, 'letter.md', '# Dear reader\n'.repeat(9))
  await addFile(page, 'shopping list.txt', 'tea, bread')
  await shoot(page, 'files')
  await page.goto(`${app}/files/u-${'0'.repeat(32)}/letter.md`)
  await shoot(page, 'not-yours')
  const other = await person()
  await other.goto(app)
  await other.getByRole('link', { name: 'Continue with Crooked login' }).click()
  await other.getByRole('link', { name: 'A forged token' }).click()
  await other.getByRole('heading', { name: 'This sign-in is not genuine' }).waitFor()
  await shoot(other, 'forged')
})
