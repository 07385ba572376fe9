import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { readFileWithin, readSmallFile, stateFile, terminationMessage } from '../../../src/files/index.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-files-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
})
const at = (...parts: readonly string[]): string => join(directory, ...parts)

describe('the state file', () => {
  test('gives back what was saved, readable by its owner alone', () => {
    const file = stateFile(at('deep', 'state'))
    file.save({ a: [1, 'x'] })
    file.save({ a: [2] })
    expect(stateFile(at('deep', 'state')).load()).toEqual({ a: [2] })
    expect(statSync(at('deep', 'state', 'state.json')).mode & 0o7777).toBe(0o400)
    expect(readdirSync(at('deep', 'state'))).toEqual(['state.json'])
  })

  test.each([undefined, '', '{', '\u0000'])('with the content %j is as good as none', (content) => {
    if (content !== undefined) writeFileSync(at('state.json'), content)
    expect(stateFile(directory).load()).toBeUndefined()
  })

  test('is not disturbed by what an interrupted writer left, or by a link laid in its way', () => {
    writeFileSync(at('elsewhere'), 'untouched')
    symlinkSync(at('elsewhere'), at('state.json.new'))
    stateFile(directory).save({ a: 1 })
    expect(stateFile(directory).load()).toEqual({ a: 1 })
    expect(readFileSync(at('elsewhere'), 'utf8')).toBe('untouched')
  })

  test('that cannot be written says where and why, and never what', () => {
    mkdirSync(at('state.json', 'in the way'), { recursive: true })
    expect(() => stateFile(directory).save({ secret: 'CANARY' })).toThrow(
      expect.objectContaining({
        code: 'StateUnwritable',
        message: expect.stringMatching(
          /^StateUnwritable: \S+\/state\.json: it cannot be written \(E\w+\)\. Look at [^{]+$/,
        ),
      }),
    )
  })
})

describe('the termination message', () => {
  test('is replaced, and cleared', () => {
    const message = terminationMessage(at('log'))
    message.write('a longer first text')
    message.write('second')
    expect(readFileSync(at('log'), 'utf8')).toBe('second')
    message.clear()
    expect(readFileSync(at('log'), 'utf8')).toBe('')
  })

  test('keeps its beginning within the 4096 bytes that kubelet keeps, and no half of a character', () => {
    terminationMessage(at('log')).write(`first cause ${'€'.repeat(4000)}`)
    const bytes = readFileSync(at('log'))
    expect(bytes.length).toBeLessThanOrEqual(4096)
    expect(bytes.length).toBeGreaterThan(4096 - 3)
    expect(bytes.toString('utf8')).toMatch(/^first cause €+$/)
    terminationMessage(at('log')).write('a'.repeat(4096))
    expect(statSync(at('log')).size).toBe(4096)
  })

  test('stops nothing where it cannot be written', () => {
    const message = terminationMessage(at('none', 'log'))
    expect(() => message.write('text')).not.toThrow()
    expect(() => message.clear()).not.toThrow()
  })
})

describe('readSmallFile', () => {
  const { signal } = new AbortController()

  test('reads UTF-8', async () => {
    writeFileSync(at('file'), 'tökén\n')
    expect(await readSmallFile(at('file'), signal)).toBe('tökén\n')
  })

  test('reads no more than 64 KiB', async () => {
    writeFileSync(at('file'), 'x'.repeat(70_000))
    expect(await readSmallFile(at('file'), signal)).toHaveLength(65_536)
  })

  test('rejects with the system’s code', async () => {
    await expect(readSmallFile(at('none'), signal)).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(readSmallFile(directory, signal)).rejects.toMatchObject({ code: 'EISDIR' })
  })

  test('does not begin when it was given up', async () => {
    await expect(readSmallFile(at('none'), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a file that another container writes', () => {
  const read = readFileWithin
  const never = new AbortController().signal
  const inVolume = (...parts: readonly string[]): string => at('volume', ...parts)
  beforeEach(() => {
    mkdirSync(inVolume('..data'), { recursive: true })
    mkdirSync(at('volume-of-others'))
    writeFileSync(inVolume('..data', 'token'), 'content')
    writeFileSync(at('secret'), 'CANARY')
    writeFileSync(at('volume-of-others', 'token'), 'CANARY')
  })
  const codeOf = (path: string): Promise<unknown> =>
    read(at('volume'), 100)(path, never).catch((thrown: unknown) => (thrown as { code?: unknown }).code)

  test('is read, through links too as kubelet lays them, and up to a bound', async () => {
    symlinkSync('..data', inVolume('current'))
    symlinkSync(join('current', 'token'), inVolume('token'))
    expect(await read(at('volume'), 100)(inVolume('token'), never)).toBe('content')
    expect(await read(at('volume'), 4)(inVolume('token'), never)).toBe('cont')
  })

  test('is none of the sidecar itself, wherever a link leads', async () => {
    symlinkSync(at('secret'), inVolume('out'))
    symlinkSync(join('..', 'volume-of-others', 'token'), inVolume('beside'))
    symlinkSync(at(), inVolume('up'))
    for (const path of [inVolume('out'), inVolume('beside'), inVolume('up', 'secret'), inVolume('up')])
      expect(await codeOf(path)).toBe('a link leads out of the volume')
  })

  test('is no pipe, which nobody may ever write to, and no directory', async () => {
    execFileSync('mkfifo', [inVolume('pipe')])
    expect(await codeOf(inVolume('pipe'))).toBe('it is no plain file')
    expect(await codeOf(inVolume('..data'))).toBe('it is no plain file')
  })

  test('is missed by the code of the system', async () => {
    symlinkSync('nowhere', inVolume('dangling'))
    expect(await codeOf(inVolume('none'))).toBe('ENOENT')
    expect(await codeOf(inVolume('dangling'))).toBe('ENOENT')
    await expect(read(at('volume'), 1)(inVolume('none'), AbortSignal.abort())).rejects.toThrow()
  })
})
