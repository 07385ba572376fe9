import { type LogFields, type LogLevel, loggable, longestEvent, ranks } from './fields.ts'
import { printable } from './printable.ts'

export type { LogFields, LogLevel } from './fields.ts'

/**
 * Where a room tells what happened: the event as a lower-case sentence that never varies, everything that varies in
 * the fields. Fields whose key sounds like a secret are refused, and of an error only our own code and message are
 * written.
 */
export type Log = Readonly<Record<LogLevel, (event: string, fields?: LogFields) => void>>

/** The least important level that is written, the clock (epoch milliseconds), and who writes a finished line. */
export type LogOptions = {
  readonly level: LogLevel
  readonly now: () => number
  readonly write: (line: string) => void
}

/** One JSON line per event. No library: one runs in every pod, and a logger costs private memory there. */
export function createLog({ level, now, write }: LogOptions): Log {
  const at =
    (of: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      if (ranks[of] < ranks[level]) return
      const head = { level: of, time: new Date(now()).toISOString() }
      write(`${JSON.stringify({ ...head, ...loggable(fields), msg: printable(event, longestEvent) })}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
