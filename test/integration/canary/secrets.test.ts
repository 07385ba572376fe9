import { expect, test } from 'vitest'
import { secretFinder } from './secrets.ts'

const secret = 'CANARY/of+some=length "quoted" 0123456789'
const find = secretFinder([secret])

test.each([
  ['raw', secret],
  ['a part', secret.slice(7, 23)],
  ['base64', Buffer.from(secret).toString('base64')],
  ['base64url inside of something else', Buffer.from(`xy${secret}z`).toString('base64url')],
  ['percent-encoded', encodeURIComponent(secret)],
  ['JSON', JSON.stringify({ a: secret })],
  ['hex', Buffer.from(secret).toString('hex')],
])('finds a secret: %s', (_, text) => {
  expect(find(`before ${text} after`)).not.toEqual([])
})

test('finds nothing where there is nothing', () => {
  expect(find(`${secret.slice(0, 15)} and ${secret.slice(16, 31)}`)).toEqual([])
})
