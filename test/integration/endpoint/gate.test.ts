import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { type GateOptions, startGate } from '../../../src/endpoint/index.ts'
import { failure, held, none } from '../../unit/endpoint/builders.ts'
import { fakeSession, scratch } from './harness.ts'

const start = (change: Partial<GateOptions> = {}) => {
  const options = { stateDir: scratch(), sandbox: 'net:[1]', sessions: [], ...change }
  return { ...startGate(options), options }
}

/** Sessions that never change: the gate stays as it is. */
const waiting = () => [fakeSession()]

describe('opening', () => {
  test('opens once every session has held credentials, and leaves a marker that names the sandbox', async () => {
    const [one, two] = [fakeSession(none(), 'one'), fakeSession(none(), 'two')]
    const gate = start({ sessions: [one, two] })
    one.become(held())
    gate.onSettled()
    expect(gate.passed()).toBe(false)
    two.become(held())
    gate.onSettled()
    await gate.opened
    expect(gate.passed()).toBe(true)
    const marker = join(gate.options.stateDir, 'gate')
    expect(readFileSync(marker, 'utf8')).toBe('net:[1]')
    expect(statSync(marker).mode & 0o777).toBe(0o400)
    expect(readdirSync(gate.options.stateDir)).toEqual(['gate'])
  })

  test('does not ask for all at one time', async () => {
    const [one, two] = [fakeSession(held(), 'one'), fakeSession(none(), 'two')]
    const gate = start({ sessions: [one, two] })
    one.become(none(failure))
    two.become(held())
    gate.onSettled()
    await gate.opened
    expect(gate.passed()).toBe(true)
  })

  test('stays shut after a failed attempt', () => {
    const session = fakeSession()
    const gate = start({ sessions: [session] })
    session.become(none(failure))
    gate.onSettled()
    expect(gate.passed()).toBe(false)
    expect(readdirSync(gate.options.stateDir)).toEqual([])
  })

  test('asks the sessions for nothing: it has no clock of its own', () => {
    const session = fakeSession()
    start({ sessions: [session] }).onSettled()
    expect(session.asks).toEqual([])
  })

  test('opens at once where an earlier run left credentials', () => {
    expect(start({ sessions: [fakeSession(held())] }).passed()).toBe(true)
  })

  test('stays open when credentials are lost', () => {
    const session = fakeSession(held())
    const gate = start({ sessions: [session] })
    session.become(none(failure))
    gate.onSettled()
    expect(gate.passed()).toBe(true)
  })
})

describe('the marker', () => {
  const left = (sandbox: string | undefined) => start({ sessions: [fakeSession(held())], sandbox }).options

  test('of the same sandbox opens the gate at once, without credentials', async () => {
    const restarted = start({ ...left('net:[1]'), sessions: waiting() })
    expect(restarted.passed()).toBe(true)
    await restarted.opened
  })

  test('of another sandbox does not, and is replaced', () => {
    const { stateDir } = left('net:[1]')
    const session = fakeSession()
    const next = start({ stateDir, sandbox: 'net:[2]', sessions: [session] })
    expect(next.passed()).toBe(false)
    session.become(held())
    next.onSettled()
    expect(readFileSync(join(stateDir, 'gate'), 'utf8')).toBe('net:[2]')
  })

  test('is neither left nor believed where nothing names the sandbox', () => {
    const { stateDir } = left(undefined)
    expect(readdirSync(stateDir)).toEqual([])
    expect(start({ stateDir, sandbox: undefined, sessions: waiting() }).passed()).toBe(false)
    writeFileSync(join(stateDir, 'gate'), 'undefined')
    expect(start({ stateDir, sandbox: undefined, sessions: waiting() }).passed()).toBe(false)
  })

  test.each(['', 'net:[1]\n', 'net:[1'])('with %j is none', (text) => {
    const stateDir = scratch()
    writeFileSync(join(stateDir, 'gate'), text)
    expect(start({ stateDir, sessions: waiting() }).passed()).toBe(false)
  })

  test.each([
    [
      'where a directory stands',
      () => {
        const stateDir = scratch()
        mkdirSync(join(stateDir, 'gate', 'inside'), { recursive: true })
        return stateDir
      },
      /EISDIR|ENOTEMPTY|EEXIST/,
    ],
    ['without its directory', () => join(scratch(), 'missing'), /ENOENT/],
  ])('that cannot be written %s is told, and the gate is open all the same', (_name, make, message) => {
    const onFailure = vi.fn()
    const gate = start({ stateDir: make(), sessions: [fakeSession(held())], onFailure })
    expect(gate.passed()).toBe(true)
    const failure = { code: 'StateUnwritable', message: expect.stringMatching(message) }
    expect(onFailure.mock.calls).toEqual([[expect.objectContaining(failure)]])
  })
})
