import type { Failure } from '../errors/index.ts'
import { asciiOnly } from '../terminal/ascii.ts'
import { printableJson } from '../terminal/printable.ts'
import type { Screen } from '../terminal/screen.ts'
import type { Style } from '../terminal/style.ts'
import { formatRound, headingOf } from './format.ts'
import { toJson } from './report.ts'
import type { Clock, Milliseconds, Round } from './types.ts'
import type { Watcher } from './watch.ts'

export type Showing = {
  readonly clock: Clock
  readonly style: Style
  readonly isWide: boolean
  readonly program: string
  readonly interval: Milliseconds
}

/** A picture in place, which grows older between rounds: `repaint` is to be called now and then, and at a new size. */
export function onScreen(screen: Screen, showing: Showing): Watcher & { readonly repaint: () => void } {
  const { clock, interval, style } = showing
  let last: { readonly round: Round; readonly failure?: Failure } | undefined
  const repaint = (): void => {
    if (last === undefined) return
    const now = clock.now()
    const { columns, rows } = screen.room()
    const trouble = last.failure === undefined ? [] : [style.red(asciiOnly(firstLine(last.failure), columns))]
    const heading = [asciiOnly(headingOf(last.round, now, interval), columns), ...trouble]
    screen.paint(formatRound(last.round, { ...showing, now, width: columns, height: rows }, heading))
  }
  return {
    repaint,
    round: (round) => {
      last = { round }
      repaint()
    },
    failed: (failure) => {
      if (last !== undefined) last = { ...last, failure }
      repaint()
    },
  }
}

/** Where it cannot be painted over: one block after the other, each with its time. */
export function asBlocks(write: (text: string) => void, { clock, ...showing }: Showing): Watcher {
  const head = (now: number): string => `${new Date(now).toISOString()}\n`
  return {
    round: (round) => write(`${head(round.at)}${formatRound(round, { ...showing, now: round.at }).join('\n')}\n\n`),
    failed: (failure) => write(`${head(clock.now())}${firstLine(failure)}\n\n`),
  }
}

/** One JSON object a line. */
export function asJsonLines(write: (text: string) => void, { now }: Clock): Watcher {
  const line = (value: object): void => write(`${printableJson(value)}\n`)
  return {
    round: (round) => line(toJson(round)),
    failed: (failure) =>
      line({ time: new Date(now()).toISOString(), error: failure.code, message: firstLine(failure) }),
  }
}

const firstLine = ({ message }: Failure): string => message.split('\n')[0] ?? ''
