import { EventEmitter } from 'node:events'
import { describe, expect, test } from 'vitest'
import { EXIT, exitCodeOf, runUntilSignal } from '../../../cmd/run.ts'
import { type Code, Failure } from '../../../src/errors/index.ts'

/** A process that remembers how it was told to exit. */
function fakeProcess() {
  const events = new EventEmitter()
  const exits: number[] = []
  const exited = Promise.withResolvers<number>()
  return {
    exits,
    exited: exited.promise,
    emit: (name: string, value?: unknown) => void events.emit(name, value),
    on: (name: string, listener: (value: unknown) => void) => events.on(name, listener),
    exit: (code: number) => {
      exits.push(code)
      exited.resolve(code)
    },
  }
}

function running(start: () => Promise<{ stop: () => Promise<void> }>) {
  const told: string[] = []
  const signals = fakeProcess()
  const done = runUntilSignal(start, ({ message }) => told.push(message), signals)
  return { ...signals, told, done }
}

const failure = (code: Code): Failure => new Failure({ code, message: 'it is so' })

describe('runUntilSignal', () => {
  test.each(['SIGTERM', 'SIGINT'])('stops once on %s, and exits with 0 when that is done', async (signal) => {
    let stops = 0
    const stopping = Promise.withResolvers<void>()
    const stop = (): Promise<void> => {
      stops += 1
      return stopping.promise
    }
    const { emit, done, exits, exited, told } = running(async () => ({ stop }))
    await done
    expect(exits).toEqual([])
    emit(signal)
    emit('SIGTERM')
    emit('SIGINT')
    expect([stops, exits]).toEqual([1, []])
    stopping.resolve()
    expect(await exited).toBe(EXIT.done)
    expect([stops, told]).toEqual([1, []])
  })

  test('exits with 0 on a signal during the start, which it does not wait for', async () => {
    const { emit, exited } = running(() => new Promise(() => {}))
    emit('SIGTERM')
    expect(await exited).toBe(EXIT.done)
  })

  test.each<[Code, number]>([
    ['SettingInvalid', EXIT.usage],
    ['PortInUse', EXIT.failed],
  ])('tells a start that fails with %s, and exits with %i', async (code, exit) => {
    const { done, exits, told } = running(() => Promise.reject(failure(code)))
    await done
    expect(exits).toEqual([exit])
    expect(told).toEqual([expect.stringContaining(`${code}: it is so.`)])
  })

  test('tells a stop that fails', async () => {
    const { emit, done, exited, told } = running(async () => ({ stop: () => Promise.reject(failure('ListenFailed')) }))
    await done
    emit('SIGTERM')
    expect(await exited).toBe(EXIT.failed)
    expect(told).toEqual([expect.stringContaining('ListenFailed')])
  })

  test.each(['uncaughtException', 'unhandledRejection'])(
    'ends on %s, without the text of what was thrown',
    async (name) => {
      const { emit, done, exits, told } = running(async () => ({ stop: async () => {} }))
      await done
      emit(name, new TypeError('a secret'))
      expect(exits).toEqual([EXIT.failed])
      expect(told).toEqual([expect.stringMatching(/^Internal: unexpected TypeError at run\.test\.ts:\d+\. /)])
      expect(told.join()).not.toContain('secret')
    },
  )
})

test('whoever calls wrongly gets 2, everything else is 1', () => {
  const usage: Code[] = [
    'CommandUnknown',
    'FlagUnknown',
    'SettingInvalid',
    'SettingMissing',
    'SettingUnknown',
    'ConfigurationMalformed',
  ]
  expect(usage.map((code) => exitCodeOf(failure(code)))).toEqual(usage.map(() => 2))
  const others: Code[] = [
    'PortInUse',
    'CertificateInvalid',
    'FileUnreadable',
    'StateUnwritable',
    'Internal',
    'DemoFailed',
  ]
  expect(others.map((code) => exitCodeOf(failure(code)))).toEqual(others.map(() => 1))
})
