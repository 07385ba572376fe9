import { pino } from 'pino'
import { type LogFields, type LogLevel, loggable, longestEvent } from './fields.ts'
import { printable } from './printable.ts'

export type { LogFields, LogLevel } from './fields.ts'

/**
 * Where a room tells what happened: the event as a lower-case sentence that never varies, everything that varies in
 * the fields. Fields whose key sounds like a secret are refused, and of an error only our own code and message are
 * written.
 */
export type Log = {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** A log whose every line carries these fields too. */
  child(fields: LogFields): Log
}

/** The least important level that is written, and who writes a finished line (with its line feed). */
export type PinoLogOptions = { readonly level: LogLevel; readonly write?: (line: string) => void }

/** One JSON line per event by pino, written synchronously (to standard output if nothing else is said). */
export function pinoLog(options: PinoLogOptions): Log {
  const { write } = options
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // pino's own serializer of `err` would add its type and stack.
      serializers: { err: (value: unknown) => value },
      formatters: { level: (label) => ({ level: label }) },
    },
    write === undefined ? pino.destination({ fd: 1, sync: true }) : { write },
  )
  const bound = (own: LogFields): Log => {
    const at = (level: LogLevel) => (event: string, fields?: LogFields) => {
      if (!logger.isLevelEnabled(level)) return
      logger[level](loggable({ ...own, ...fields }), printable(event, longestEvent))
    }
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => bound({ ...own, ...fields }),
    }
  }
  return bound({})
}
