import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { type GateOptions, startGate } from '../../../src/endpoint/index.ts'
import { failure, held, none } from '../../unit/endpoint/builders.ts'
import { fakeSession, scratch } from './harness.ts'

const start = (change: Partial<GateOptions> = {}) => {
  const delay = vi.fn(() => Promise.resolve())
  const options = { stateDir: scratch(), sandbox: 'net:[1]', sessions: [], delay, ...change }
  return { ...startGate(options), options, delay }
}

/** A session that never changes: the gate stays as it is. */
const waiting = () => [fakeSession()]

describe('opening', () => {
  test('opens once every session has held credentials, and leaves a marker that names the sandbox', async () => {
    const [one, two] = [fakeSession(none(), 'one'), fakeSession(none(), 'two')]
    const gate = start({ sessions: [one, two] })
    one.become(held())
    expect(gate.passed()).toBe(false)
    two.become(held())
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
    await gate.opened
    expect(one.asks).toEqual([])
  })

  test('waits on after a failed attempt, with a pause', async () => {
    const session = fakeSession()
    const paused = Promise.withResolvers<void>()
    const delay = vi.fn(() => Promise.resolve().then(paused.resolve))
    const gate = start({ sessions: [session], delay })
    session.become(none(failure))
    await paused.promise
    expect(gate.passed()).toBe(false)
    session.become(held())
    await gate.opened
    expect(delay.mock.calls).toEqual([[50]])
  })

  test('with its own timer too, and over a session that fails to answer', async () => {
    const session = fakeSession()
    const asked = vi.fn(() => {
      session.become(held())
      return Promise.reject(new Error('down'))
    })
    asked.mockImplementationOnce(() => Promise.reject(new Error('down')))
    const { stateDir } = start().options
    const gate = startGate({ stateDir: join(stateDir), sandbox: 'x', sessions: [{ ...session, asked }] })
    await gate.opened
    expect(asked).toHaveBeenCalledTimes(2)
  })

  test('passes by hand once, and by itself no more', async () => {
    const gate = start({ sessions: waiting() })
    gate.pass()
    gate.pass()
    await gate.opened
    expect(gate.passed()).toBe(true)
  })

  test('stops watching when told', async () => {
    const session = fakeSession()
    const gate = start({ sessions: [session] })
    gate.stop()
    session.become(held())
    await new Promise(setImmediate)
    expect(gate.passed()).toBe(false)
    expect(readdirSync(gate.options.stateDir)).toEqual([])
  })
})

describe('the marker', () => {
  test('of the same sandbox opens the gate at once, without credentials', async () => {
    const { options, pass } = start({ sessions: waiting() })
    pass()
    const restarted = startGate(options)
    expect(restarted.passed()).toBe(true)
    await restarted.opened
  })

  test('of another sandbox does not, and is replaced', () => {
    const { options, pass } = start({ sessions: waiting() })
    pass()
    const next = startGate({ ...options, sandbox: 'net:[2]' })
    expect(next.passed()).toBe(false)
    next.pass()
    expect(readFileSync(join(options.stateDir, 'gate'), 'utf8')).toBe('net:[2]')
  })

  test.each(['', 'net:[1]\n', 'net:[1'])('with %j is none', (text) => {
    const stateDir = scratch()
    writeFileSync(join(stateDir, 'gate'), text)
    expect(start({ stateDir, sessions: waiting() }).passed()).toBe(false)
  })

  test('that cannot be written is a failure, and the gate is open all the same', async () => {
    const stateDir = scratch()
    mkdirSync(join(stateDir, 'gate', 'inside'), { recursive: true })
    const gate = start({ stateDir, sessions: waiting() })
    expect(gate.pass).toThrow(expect.objectContaining({ code: 'StateUnwritable' }))
    expect(gate.passed()).toBe(true)
  })

  test('that cannot be written is told when the gate opens by itself', async () => {
    const told = Promise.withResolvers<unknown>()
    const gate = start({
      stateDir: join(scratch(), 'missing'),
      sessions: [fakeSession(held())],
      onFailure: told.resolve,
    })
    await gate.opened
    expect(await told.promise).toMatchObject({ code: 'StateUnwritable', message: expect.stringContaining('ENOENT') })
  })
})
