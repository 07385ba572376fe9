import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { prepareTokens } from '../../../src/endpoint/index.ts'
import { Failure } from '../../../src/errors/index.ts'
import { scratch } from './harness.ts'

/** 32 bytes that are different at every call, from `first` on. */
function counting(first = 1) {
  let next = first
  return (size: number) => new Uint8Array(size).fill(next++)
}

const prepare = (directory: string, containers = ['app', 'side'], first = 1) =>
  prepareTokens({ directory, containers, random: counting(first) })

const tokenOf = (directory: string, container: string) => readFileSync(join(directory, container, 'token'), 'utf8')

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('files', () => {
  test('rule 7: a token file holds the token alone, without a newline, for every uid to read', () => {
    const directory = scratch()
    prepare(directory)
    expect(tokenOf(directory, 'app')).toBe(Buffer.alloc(32, 1).toString('base64url'))
    expect(tokenOf(directory, 'app')).toMatch(/^[\w-]{43}$/)
    expect(modeOf(join(directory, 'app'))).toBe(0o755)
    expect(modeOf(join(directory, 'app', 'token'))).toBe(0o444)
    expect(readdirSync(join(directory, 'app'))).toEqual(['token'])
  })

  test('the umask has no say', () => {
    const directory = scratch()
    const before = process.umask(0o077)
    try {
      prepare(directory)
    } finally {
      process.umask(before)
    }
    expect(modeOf(join(directory, 'app'))).toBe(0o755)
    expect(modeOf(join(directory, 'app', 'token'))).toBe(0o444)
  })

  test('a restart keeps tokens and files, a new container gets its own', () => {
    const directory = scratch()
    prepare(directory, ['app'])
    const before = lstatSync(join(directory, 'app', 'token'))
    const tokens = prepare(directory, ['app', 'side'], 100)
    expect(lstatSync(join(directory, 'app', 'token')).ino).toBe(before.ino)
    expect(tokens.lookup(Buffer.alloc(32, 1).toString('base64url'))).toBe('app')
    expect(tokens.lookup(Buffer.alloc(32, 100).toString('base64url'))).toBe('side')
  })

  test.each([0o644, 0o664, 0o440, 0o600, 0o666])('a token stays where only its mode is another, %o', (mode) => {
    const directory = scratch()
    prepare(directory, ['app'])
    const path = join(directory, 'app', 'token')
    const before = { ...lstatSync(path), token: tokenOf(directory, 'app') }
    chmodSync(path, mode)
    const tokens = prepare(directory, ['app'], 100)
    expect(tokens.lookup(before.token)).toBe('app')
    expect(tokenOf(directory, 'app')).toBe(before.token)
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, mode: before.mode })
  })

  test.each<[string, (token: string) => void]>([
    ['an empty file', (token) => writeFileSync(token, '')],
    ['a trailing newline', (token) => writeFileSync(token, `${'a'.repeat(43)}\n`)],
    ['a newline within', (token) => writeFileSync(token, `${'a'.repeat(42)}\n`)],
    ['a token cut short', (token) => writeFileSync(token, 'a'.repeat(42))],
    ['a token that is not canonical', (token) => writeFileSync(token, 'a'.repeat(43))],
    ['another alphabet', (token) => writeFileSync(token, `${'+'.repeat(42)}A`)],
    ['a directory', (token) => mkdirSync(join(token, 'inside'), { recursive: true })],
    ['a dangling link', (token) => symlinkSync('/nowhere', token)],
    [
      'a link to a good token',
      (token) => {
        writeFileSync(`${token}.elsewhere`, `${'a'.repeat(42)}A`, { mode: 0o444 })
        symlinkSync(`${token}.elsewhere`, token)
      },
    ],
    ['what a crash left half written', (token) => writeFileSync(`${token}.new`, 'half')],
  ])('%s is replaced', (_name, spoil) => {
    const directory = scratch()
    mkdirSync(join(directory, 'app'))
    spoil(join(directory, 'app', 'token'))
    const tokens = prepare(directory, ['app'])
    const path = join(directory, 'app', 'token')
    expect(lstatSync(path).isFile()).toBe(true)
    expect(modeOf(path)).toBe(0o444)
    expect(tokenOf(directory, 'app')).toBe(Buffer.alloc(32, 1).toString('base64url'))
    expect(tokens.lookup(tokenOf(directory, 'app'))).toBe('app')
    expect(existsSync(`${path}.new`)).toBe(false)
  })

  test('what stands where the directory belongs is replaced, and a link not followed', () => {
    const directory = scratch()
    const elsewhere = scratch()
    symlinkSync(elsewhere, join(directory, 'app'))
    writeFileSync(join(directory, 'side'), '')
    prepare(directory)
    expect(lstatSync(join(directory, 'app')).isDirectory()).toBe(true)
    expect(lstatSync(join(directory, 'side')).isDirectory()).toBe(true)
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('a token copied to a second container is replaced there', () => {
    const directory = scratch()
    prepare(directory)
    rmSync(join(directory, 'side', 'token'))
    writeFileSync(join(directory, 'side', 'token'), tokenOf(directory, 'app'), { mode: 0o444 })
    const tokens = prepare(directory, ['app', 'side'], 100)
    expect(tokens.lookup(tokenOf(directory, 'app'))).toBe('app')
    expect(tokens.lookup(tokenOf(directory, 'side'))).toBe('side')
  })

  test('directories of containers no longer wanted go, what could be none stays', () => {
    const directory = scratch()
    prepare(directory)
    writeFileSync(join(directory, 'notes'), '')
    mkdirSync(join(directory, 'lost+found'))
    prepare(directory, ['app'])
    expect(readdirSync(directory).sort()).toEqual(['app', 'lost+found', 'notes'])
  })
})

describe('lookup', () => {
  test('finds the container of a token, and nothing for any other', () => {
    const directory = scratch()
    const tokens = prepare(directory)
    expect(tokens.lookup(tokenOf(directory, 'side'))).toBe('side')
    for (const wrong of ['', 'app', tokenOf(directory, 'app').slice(1), `${tokenOf(directory, 'app')}=`]) {
      expect(tokens.lookup(wrong)).toBeUndefined()
    }
  })
})

describe('failures', () => {
  test.each(['..', '.', '', 'a/b', '../x', 'App', 'a_b', '-a', 'a-', 'a'.repeat(64), 'a\0', 'a\n'])(
    'a container named %j touches no path',
    (name) => {
      const directory = scratch()
      expect(() => prepare(directory, ['app', name])).toThrow(expect.objectContaining({ code: 'StateUnwritable' }))
      expect(readdirSync(directory)).toEqual([])
    },
  )

  test('a directory that is not there is named with the cause', () => {
    const directory = join(scratch(), 'missing')
    expect(() => prepare(directory)).toThrow(Failure)
    expect(() => prepare(directory)).toThrow(/^StateUnwritable: .*missing: ENOENT/)
  })

  test('a random source that breaks is a failure too', () => {
    const random = (): never => {
      throw new RangeError('no entropy')
    }
    const preparing = () => prepareTokens({ directory: scratch(), containers: ['app'], random })
    expect(preparing).toThrow(/^StateUnwritable: .*unexpected error/)
  })
})
