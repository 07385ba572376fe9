import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesOf, compareContents, expectedOf, parseListings } from '../../bench/image/contents.ts'
import { scratch } from '../../support/processes.ts'

const LAYERS = [
  'drwxr-xr-x 0/0               0 2026-11-27 19:39 app/\n',
  [
    'drwxr-xr-x 0/0               0 2026-11-28 00:43 app/',
    '-rw-r--r-- 0/0             979 2026-11-28 00:43 app/wait.cjs',
    '-rw-r--r-- 0/0              12 2026-11-28 00:43 app/name with blanks',
    '',
  ].join('\n'),
]

function built(): string {
  const folder = scratch()
  mkdirSync(join(folder, 'app'))
  writeFileSync(join(folder, 'app', 'wait.cjs'), 'x'.repeat(979))
  writeFileSync(join(folder, 'app', 'name with blanks'), 'x'.repeat(12))
  return folder
}

test('an image that holds what was built is as it should be', () => {
  const expected = expectedOf(built())
  expect(compareContents(expected, parseListings(LAYERS))).toEqual([])
  expect(bytesOf(expected)).toBe(991)
})

test.each([
  ['a file more', '-rwsr-xr-x 0/0 5 2026-11-28 00:43 ./app/su', 'app/su is -rwsr-xr-x 0/0 5, and should be not there'],
  ['an empty folder', 'drwxr-xr-x 0/0 0 2026-11-28 00:43 tmp/', 'tmp is drwxr-xr-x 0/0, and should be not there'],
  ['a link', 'lrwxrwxrwx 0/0 0 2026-11-28 00:43 bin -> /app', 'bin -> /app is lrwxrwxrwx 0/0, and should be not there'],
  [
    'another owner',
    '-rw-r--r-- 29797/0 979 2026-11-28 00:43 app/wait.cjs',
    'app/wait.cjs is -rw-r--r-- 29797/0 979, and should be -rw-r--r-- 0/0 979',
  ],
  [
    'a mode that lets others write',
    'drwxrwxrwx 0/0 0 2026-11-28 00:43 app/',
    'app is drwxrwxrwx 0/0, and should be drwxr-xr-x 0/0',
  ],
  [
    'another size',
    '-rw-r--r-- 0/0 980 2026-11-28 00:43 app/wait.cjs',
    'app/wait.cjs is -rw-r--r-- 0/0 980, and should be -rw-r--r-- 0/0 979',
  ],
])('%s in a layer is told', (_, line, sentence) => {
  expect(compareContents(expectedOf(built()), parseListings([...LAYERS, line]))).toEqual([sentence])
})

test('a file that is missing is told', () => {
  const listings = LAYERS.map((listing) => listing.replace(/.*wait\.cjs\n/, ''))
  expect(compareContents(expectedOf(built()), parseListings(listings))).toEqual([
    'app/wait.cjs is not there, and should be -rw-r--r-- 0/0 979',
  ])
})

test('a listing that is not understood is no empty image', () => {
  expect(() => parseListings(['tar: unknown'])).toThrow('not understood: tar: unknown')
})
