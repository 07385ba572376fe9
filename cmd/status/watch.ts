import process from 'node:process'
import { asBlocks, asJsonLines, everySecond, onScreen, type Showing, watchStatus } from '../../src/status/index.ts'
import { createScreen } from '../../src/terminal/screen.ts'
import type { Opened } from './cluster.ts'
import type { Options } from './options.ts'

const write = (text: string): void => void process.stdout.write(text)

/** Looks and shows until it is interrupted; then the last picture stays. */
export async function watch({ looking, close }: Opened, options: Options, showing: Showing): Promise<void> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => stop.abort())
  // What is under way is given up as well, so that Ctrl-C is obeyed at once.
  stop.signal.addEventListener('abort', close)
  const watching = { looking, interval: options.interval, signal: stop.signal }
  if (options.output === 'json') return watchStatus(watching, asJsonLines(write, looking.clock))
  if (!process.stdout.isTTY) return watchStatus(watching, asBlocks(write, showing))
  const screen = createScreen({ write, size: () => process.stdout })
  const shown = onScreen(screen, showing)
  process.stdout.on('resize', shown.repaint)
  try {
    await Promise.all([
      watchStatus(watching, shown).finally(() => stop.abort()),
      everySecond(looking, stop.signal, shown.repaint),
    ])
  } finally {
    screen.end()
  }
}
