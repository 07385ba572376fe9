import { type Failure, toFailure } from '../src/errors/index.ts'

export type Running = { readonly stop: () => Promise<void> }

/** Exit codes: 0 done, 1 failed, 2 called wrongly (unknown command or flag, settings that are wrong). */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const

const USAGE = new Set<Failure['code']>([
  'CommandUnknown',
  'FlagUnknown',
  'SettingInvalid',
  'SettingMissing',
  'SettingUnknown',
  'ConfigurationMalformed',
])
export const exitCodeOf = ({ code }: Failure): number => (USAGE.has(code) ? EXIT.usage : EXIT.failed)

type Signals = {
  on(
    name: 'SIGTERM' | 'SIGINT' | 'uncaughtException' | 'unhandledRejection',
    listener: (value: unknown) => void,
  ): unknown
  exit(code: number): void
}

/**
 * Starts, goes on until a signal, stops and exits; whatever is thrown is told once, as our own failure, and ends the
 * process: what goes on after a bug is worse than a restart.
 */
export async function runUntilSignal(
  start: () => Promise<Running>,
  tell: (failure: Failure) => void,
  signals: Signals,
): Promise<void> {
  const fail = (thrown: unknown): void => {
    const failure = toFailure(thrown)
    tell(failure)
    signals.exit(exitCodeOf(failure))
  }
  signals.on('uncaughtException', fail)
  signals.on('unhandledRejection', fail)
  let running: Running | undefined
  // As a container's first process, Node ends on no signal that it does not handle: not during the start either.
  const end = once(() => void Promise.resolve(running?.stop()).then(() => signals.exit(EXIT.done), fail))
  signals.on('SIGTERM', end)
  signals.on('SIGINT', end)
  try {
    running = await start()
  } catch (thrown) {
    fail(thrown)
  }
}

function once(fn: () => void): () => void {
  let called = false
  return () => {
    if (!called) fn()
    called = true
  }
}
