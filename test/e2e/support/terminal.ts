/** A program at a terminal of its own, by `script` of util-linux. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { terminalScreen } from '../../support/terminalScreen.ts'

export type Terminal = {
  /** What is to be seen now. */
  readonly text: () => string
  /** Lines that have scrolled away. */
  readonly above: () => readonly string[]
  readonly type: (keys: string) => void
  readonly ended: Promise<number>
  readonly kill: () => void
}

export const CTRL_C = '\u0003'

/** The command is for sh. */
export function openTerminal(command: string, columns: number, rows: number): Terminal {
  const sized = `stty cols ${columns} rows ${rows} && exec ${command}`
  const child = spawn('script', ['-qefc', sized, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
  })
  const screen = terminalScreen(columns, rows)
  child.stdout.setEncoding('utf8').on('data', screen.write)
  return {
    text: screen.text,
    above: screen.above,
    type: (keys) => void child.stdin.write(keys),
    ended: once(child, 'close').then(([code]) => Number(code)),
    kill: () => void child.kill('SIGKILL'),
  }
}
