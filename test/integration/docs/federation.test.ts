import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { textOf } from './pages.ts'

const rows = [
  ...textOf('docs/federation.md').matchAll(/^\| ([^|]+) \|.*\| \[[^\]]+\]\(\.\.\/(test\/[^)]+)\): "([^"]+)"/gm),
]

/** What the page promises. */
const IDENTITIES = [
  'service account',
  "by the pod's own token",
  'by a private key',
  'by a secret',
  'token exchange',
  'ECP',
  'WS-Trust',
  'SAML 2.0 in a file',
  'AD FS, Okta',
  'role chain',
  'Google',
  'Apple',
  'Amazon',
  'Facebook',
]

test('the table of identities has a row for each', () => {
  const names = rows.map(([, identity]) => identity ?? '')
  expect(IDENTITIES.filter((name) => !names.some((identity) => identity.includes(name)))).toEqual([])
})

test.each(rows.map(([, identity = '', file = '', name = '']) => [identity, file, name] as const))(
  '%s is proved by a test that is there: %s, %s',
  (_identity, file, name) => {
    const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url))
    expect(existsSync(path)).toBe(true)
    expect(readFileSync(path, 'utf8')).toContain(name)
  },
)
