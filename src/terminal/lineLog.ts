import { loggable, longestEvent, ranks } from './fields.ts'
import type { Log, LogFields, LogLevel } from './log.ts'
import { printable } from './printable.ts'

/** The least important level that is written, the clock (epoch milliseconds), and who writes a finished line. */
export type LineLogOptions = {
  readonly level: LogLevel
  readonly now: () => number
  readonly write: (line: string) => void
}

/** The lines of `pinoLog` without pino, whose private memory every pod would pay for: for the sidecar. */
export function lineLog({ level, now, write }: LineLogOptions): Log {
  const bound = (own: LogFields): Log => {
    const at = (of: LogLevel) => (event: string, fields?: LogFields) => {
      if (ranks[of] < ranks[level]) return
      const head = { level: of, time: new Date(now()).toISOString() }
      write(`${JSON.stringify({ ...head, ...loggable({ ...own, ...fields }), msg: printable(event, longestEvent) })}\n`)
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
