import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { namesIn, refusalOn, signIn } from './browser.ts'
import { GIFTS } from './crookedProvider.ts'
import type { Account } from './providers.ts'
import { type Sent, sendAs } from './send.ts'
import { setStage } from './stage.ts'

const { world, person } = setStage()
const BROKER = "Lanyard's broker"

const signedIn = async (page: Page, app: string, index: 0 | 1): Promise<void> => {
  const login = world().logins[index]
  await signIn(page, app, login, login.accounts[0] as Account)
}

describe('a provider that has gone bad', () => {
  const take = async (gift: keyof typeof GIFTS): Promise<Page> => {
    const { app } = world()
    const page = await person()
    await page.goto(app)
    await page.getByRole('link', { name: 'Continue with Crooked login' }).click()
    await page.getByRole('link', { name: GIFTS[gift] }).click()
    await page.waitForURL(`${app}/**`)
    return page
  }

  test('its genuine token is good: what is refused below is refused for what is wrong with it', async () => {
    const page = await take('genuine')
    expect(page.url()).toBe(`${world().app}/files`)
    expect(await namesIn(page)).toEqual([])
  })

  test.each([
    ['forged', 'This sign-in is not genuine', 'UserTokenForged', BROKER, 'UserTokenForged'],
    ['expired', 'Your sign-in has expired', 'TokenExpired', 'this app', 'UserTokenExpired'],
    ['foreign', 'This sign-in was made for another app', 'TokenForAnotherApp', 'this app', 'UserTokenAudience'],
  ] as const)('its %s token is refused, with a page that says so', async (gift, title, code, by, codeOfBroker) => {
    const { app, broker, crooked } = world()
    const page = await take(gift)
    expect(await refusalOn(page)).toEqual({ title, code, by })
    // Whoever is the app itself, and asks the broker with the pod's token and the right nonce, gets no further.
    const asked = await broker.ask({ provider: 'crooked', role: 'files', ...crooked.last() })
    expect(asked.body).toEqual({ code: codeOfBroker, message: expect.any(String) })
    await page.getByRole('link', { name: 'Back to sign-in' }).click()
    expect(page.url()).toBe(`${app}/`)
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0)
  })

  test('who asks too often is told to wait, and how long; nobody else is', async () => {
    const { app, broker, crooked } = world()
    const page = await take('genuine')
    // The broker counts by user, and by all users together: a part at a time, so that it is this user's count that is full.
    const flood = () =>
      Promise.all(
        Array.from({ length: 30 }, () => broker.ask({ provider: 'crooked', role: 'files', ...crooked.last() })),
      )
    const refused = async (tries: number): Promise<Sent> => {
      await flood()
      const sent = await sendAs(page, `${app}/files`)
      return sent.text.includes('UserRateExceeded') || tries === 0 ? sent : refused(tries - 1)
    }
    const { status, headers, text } = await refused(20)
    expect(status).toBe(429)
    const seconds = Number(headers['retry-after'])
    expect(seconds).toBeGreaterThanOrEqual(1)
    for (const said of ['Too many requests at once', `Try again in ${seconds} seconds.`, 'UserRateExceeded'])
      expect(text).toContain(said)
    const other = await person()
    await signedIn(other, app, 1)
    expect(await namesIn(other)).toEqual([])
  })

  test('who cancels there is told that nothing has happened', async () => {
    const page = await take('none')
    const by = 'the sign-in provider'
    expect(await refusalOn(page)).toEqual({ title: 'You did not sign in', code: 'LoginCancelled', by })
  })
})

test("another app's tokens are refused by the broker, though that app itself takes them", async () => {
  const page = await person()
  await signedIn(page, world().otherApp, 0)
  const title = 'This sign-in was made for another app'
  expect(await refusalOn(page)).toEqual({ title, code: 'UserTokenAudience', by: BROKER })
})

describe('later', () => {
  afterEach(() => world().broker.start())

  test('a token that has expired since the login is refused by the broker, and one is signed out', async () => {
    const { app, broker } = world()
    const page = await person()
    await signedIn(page, app, 1)
    await broker.start(2)
    await page.goto(`${app}/files`)
    expect(await refusalOn(page)).toEqual({ title: 'Your sign-in has expired', code: 'UserTokenExpired', by: BROKER })
    await page.getByRole('link', { name: 'Back to sign-in' }).click()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sign in to your files')
  })

  test('a broker that does not answer is said to be away, and one stays signed in', async () => {
    const { app, broker } = world()
    const page = await person()
    await signedIn(page, app, 0)
    await broker.stop()
    await page.goto(`${app}/files`)
    const title = 'Something that this app needs does not answer'
    expect(await refusalOn(page)).toEqual({ title, code: 'BrokerUnreachable', by: 'this app' })
    await broker.start()
    await page.getByRole('link', { name: 'Back to your files' }).click()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Your files')
  })
})

test('neither the app nor the broker has written down a token, a secret or a person', () => {
  const { app, broker, log, crooked } = world()
  const written = log() + broker.log()
  expect(app).not.toBe('')
  expect(written).toContain('UserTokenForged')
  for (const secret of ['eyJ', 'of-the-app', crooked.last().nonce, 'subject-1', 'User 1', 'Crooked user'])
    expect(written).not.toContain(secret)
})
