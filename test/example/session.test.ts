import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addFile, namesIn, refusalOn, signIn } from './browser.ts'
import type { Account } from './providers.ts'
import { formOf, sendAs } from './send.ts'
import { setStage } from './stage.ts'

const { world, person } = setStage()

async function signedIn(index: 0 | 1 = 0): Promise<Page> {
  const { logins, app } = world()
  const page = await person()
  await signIn(page, app, logins[0], logins[0].accounts[index] as Account)
  return page
}

const cookieOf = async (page: Page, name: string) =>
  (await page.context().cookies(world().app)).find((cookie) => cookie.name === name)

test("the session's cookie is for this host alone, no script's, no other site's, and new after each login", async () => {
  const { app, logins } = world()
  const page = await person()
  await page.context().addCookies([{ name: '__Host-session', value: 'planted', url: app, secure: true }])
  await signIn(page, app, logins[0], logins[0].accounts[0] as Account)
  const first = await cookieOf(page, '__Host-session')
  expect(first).toMatchObject({
    httpOnly: true,
    secure: true,
    sameSite: 'Lax',
    path: '/',
    domain: 'files.example.test',
  })
  expect(first?.value).toMatch(/^[\w-]{43}$/)
  expect(await cookieOf(page, '__Host-login')).toBeUndefined()

  // The provider still knows the user; the app makes a new session all the same, and ends the one before.
  await page.goto(`${app}/login/north`)
  await page.waitForURL(`${app}/files`)
  const second = await cookieOf(page, '__Host-session')
  expect(second?.value).not.toBe(first?.value)
  const old = await person()
  await old.context().addCookies([{ ...first, name: '__Host-session', value: first?.value ?? '', url: app }].map(bare))
  await old.goto(`${app}/files`)
  expect(old.url()).toBe(`${app}/`)
})

/** As `addCookies` takes it. */
const bare = ({ name, value, url }: { name: string; value: string; url: string }) => ({
  name,
  value,
  url,
  secure: true,
})

test('who signs out is out: the old cookie opens nothing', async () => {
  const { app } = world()
  const page = await signedIn()
  const { value = '' } = (await cookieOf(page, '__Host-session')) ?? {}
  await page.getByRole('button', { name: 'Sign out' }).click()
  expect(await page.getByRole('status').innerText()).toBe(
    'You are signed out here. At Northern Login you may still be signed in.',
  )
  expect(await cookieOf(page, '__Host-session')).toBeUndefined()
  await page.goto(`${app}/files`)
  expect(page.url()).toBe(`${app}/`)
  await page.context().addCookies([bare({ name: '__Host-session', value, url: app })])
  await page.goto(`${app}/files`)
  expect(page.url()).toBe(`${app}/`)
})

test('forms without the token of the session do nothing', async () => {
  const { app } = world()
  const page = await signedIn()
  for (const fields of [{}, { csrf: '' }, { csrf: 'x'.repeat(43) }]) {
    const file = new File(['x'], 'planted.txt')
    const put = await sendAs(page, `${app}/files`, formOf({ ...fields, file }))
    const out = await sendAs(page, `${app}/logout`, new URLSearchParams(fields))
    for (const { status, text } of [put, out]) expect([status, text.includes('FormForeign')]).toEqual([403, true])
  }
  await page.goto(`${app}/files`)
  expect(await namesIn(page)).toEqual([])
})

test('the answer of a login that began elsewhere, or was used already, signs nobody in', async () => {
  const { app } = world()
  const attacker = await person()
  await attacker.goto(`${app}/login/north`)
  await attacker.getByLabel('User name').fill('user2')
  await attacker.getByLabel('Password').fill('password-of-2')
  // Without its cookie the attacker's own browser cannot finish the login: the code stays good.
  await attacker.context().clearCookies({ name: '__Host-login' })
  await attacker.getByRole('button', { name: 'Sign in' }).click()
  await attacker.waitForURL(`${app}/callback/**`)
  const answer = attacker.url()
  expect(answer).toContain('code=')
  expect((await refusalOn(attacker)).code).toBe('LoginNotStarted')
  const victim = await person()
  await victim.goto(`${app}/login/north`)
  await victim.goto(answer)
  expect((await refusalOn(victim)).code).toBe('LoginInvalid')
  await victim.goto(answer)
  expect((await refusalOn(victim)).code).toBe('LoginNotStarted')
  // Nor one that another provider is to answer.
  await victim.goto(`${app}/login/south`)
  await victim.goto(answer)
  expect((await refusalOn(victim)).code).toBe('LoginNotStarted')
  expect(await cookieOf(victim, '__Host-session')).toBeUndefined()
})

test('the policy lets no script run and no other site frame a page, and nothing on our pages breaks it', async () => {
  const { app } = world()
  const page = await signedIn()
  const broken: string[] = []
  page.on('console', (message) => void broken.push(message.text()))
  page.on('pageerror', (error) => void broken.push(String(error)))
  const answer = await page.goto(`${app}/files`)
  expect(answer?.headers()).toMatchObject({
    'content-security-policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  })
  expect(answer?.headers()['x-powered-by']).toBeUndefined()
  const name = `"><img src=x onerror=alert(1)>.html`
  await addFile(page, name, '<script>alert(1)</script>')
  expect(await namesIn(page)).toEqual([name])
  expect(broken).toEqual([])
  // A stored page is never shown as one of ours.
  const link = await page.locator('tbody a').getAttribute('href')
  const { headers } = await sendAs(page, `${app}${link}`)
  const { 'content-disposition': disposition = '', 'content-type': type } = headers
  expect([disposition.split(';')[0], type]).toEqual(['attachment', 'application/octet-stream'])

  const elsewhere = await person()
  const refused = elsewhere.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
  await elsewhere.setContent(`<iframe src="${app}/"></iframe>`)
  expect((await refused).type()).toBe('error')
})

test('files that are too large, nameless or no files at all are refused in words', async () => {
  const { app } = world()
  const page = await signedIn(1)
  const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? ''
  const post = async (name: string, size: number): Promise<string> => {
    const form = formOf({ csrf, file: new File([new Uint8Array(size)], name) })
    const { status, text } = await sendAs(page, `${app}/files`, form)
    return `${status} ${/<code>(\w+)</.exec(text)?.[1] ?? ''}`.trim()
  }
  expect(await post('full.bin', 1_048_576)).toBe('303')
  expect(await post('large.bin', 1_048_577)).toBe('413 FileTooLarge')
  expect(await post('huge.bin', 4_000_000)).toBe('413 FileTooLarge')
  for (const name of ['..', 'x'.repeat(151), 'a\u0007b'] as const)
    expect(await post(name, 1)).toBe('400 FileNameInvalid')
  expect(await post('C:\\fakepath\\plain.txt', 1)).toBe('303')
  const other = await sendAs(page, `${app}/files`, new URLSearchParams({ csrf, file: 'x' }))
  expect([other.status, other.text.includes('FormInvalid')]).toEqual([400, true])
  await page.goto(`${app}/files`)
  expect(await namesIn(page)).toEqual(['full.bin', 'plain.txt'])
})

test('who is not signed in is led to the sign-in, and can store nothing', async () => {
  const { app } = world()
  const page = await person()
  await page.goto(`${app}/files/anything`)
  expect(page.url()).toBe(`${app}/`)
  const { status, text } = await sendAs(page, `${app}/files`, formOf({ file: new File(['x'], 'a.txt') }))
  expect([status, text.includes('NotSignedIn')]).toEqual([403, true])
  expect((await page.goto(`${app}/nowhere`))?.status()).toBe(404)
  expect((await page.goto(`${app}/login/nobody`))?.status()).toBe(404)
})
