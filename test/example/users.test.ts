import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { addFile, download, namesIn, prefixOn, refusalOn, signIn } from './browser.ts'
import type { Account, Login } from './providers.ts'
import { setStage } from './stage.ts'
import { BUCKET } from './world.ts'

const { world, person } = setStage()

type Person = {
  readonly login: Login
  readonly account: Account
  readonly page: Page
  /** Where their keys begin. */
  readonly prefix: string
  readonly file: string
}
/** Two users of two providers: each test goes on where the one before has left them. */
const people: Person[] = []

test('each of them signs in, and finds nothing there', async () => {
  const { logins, app } = world()
  for (const login of logins)
    for (const account of login.accounts) {
      const page = await person()
      await signIn(page, app, login, account)
      expect(page.url()).toBe(`${app}/files`)
      expect(await page.locator('.account p').innerText()).toBe(`Signed in as ${account.name} with ${login.title}`)
      expect(await namesIn(page)).toEqual([])
      const file = `${login.name} ${account.username} & co.txt`
      people.push({ login, account, page, prefix: await prefixOn(page), file })
    }
  // The subjects are the same at both providers: four people all the same.
  expect(new Set(people.map(({ prefix }) => prefix)).size).toBe(4)
})

test('each puts a file, and gets it back', async () => {
  for (const { page, file, prefix } of people) {
    await addFile(page, file, `of ${prefix}`)
    expect(await page.getByRole('status').innerText()).toBe(`${file} is stored.`)
    expect(await download(page, file)).toBe(`of ${prefix}`)
  }
})

test('each sees their own file only, of the four in the bucket', async () => {
  const { ceph, app } = world()
  const { Contents = [] } = await ceph.s3().send(new ListObjectsV2Command({ Bucket: BUCKET }))
  expect(Contents.map(({ Key }) => Key).sort()).toEqual(people.map(({ prefix, file }) => prefix + file).sort())
  for (const { page, file } of people) {
    await page.goto(`${app}/files`)
    expect(await namesIn(page)).toEqual([file])
  }
})

test('each finds the file again in another browser: who they are does not change', async () => {
  for (const { login, account, prefix, file } of people) {
    const page = await person()
    await signIn(page, world().app, login, account)
    expect(await prefixOn(page)).toBe(prefix)
    expect(await namesIn(page)).toEqual([file])
  }
})

test("each is refused another's file by S3 itself, which the app asks for whatever key is in the address", async () => {
  for (const { page, prefix } of people)
    for (const other of people.filter((each) => each.prefix !== prefix)) {
      const answer = await page.goto(`${world().app}/files/${other.prefix}${encodeURIComponent(other.file)}`)
      expect(answer?.status()).toBe(403)
      const by = 'the storage itself (S3)'
      expect(await refusalOn(page)).toEqual({ title: 'That is not yours to open', code: 'AccessDenied', by })
    }
})

test('no detour of the address leads there either', async () => {
  const [one, two] = people
  if (one === undefined || two === undefined) throw new Error('there are no two people')
  const theirs = `${two.prefix}${encodeURIComponent(two.file)}`
  // To S3 the first is a key of one's own that does not exist: `..` means nothing to it.
  const detours = [`${one.prefix}..%2f${theirs}`, `%2f${theirs}`, `${one.prefix}%2e%2e/${theirs}`, '%00', '']
  for (const detour of detours) {
    const answer = await one.page.goto(`${world().app}/files/${detour}`)
    const said = `${detour}: ${answer?.status()} ${await one.page.locator('main').innerText()}`
    if (detour === '') expect(await namesIn(one.page)).toEqual([one.file])
    else expect(answer?.status(), said).toBeGreaterThanOrEqual(400)
    expect(answer?.status(), said).toBeLessThan(500)
  }
})
