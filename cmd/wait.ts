/**
 * The start gate's wait program: the postStart hook of the sidecar. Asks 127.0.0.1 until the pod's credentials are there
 * (exit 0) or the time is over (exit 1, one line on stderr). It runs once at the start of every pod, beside a sidecar
 * that is starting too and by the same CPU limit, so it is one small file that imports nothing but node:net: to load
 * node:http costs more than all else that it does.
 */
import { connect } from 'node:net'

const RETRY_MS = 20
/** The sidecar's last word comes at the deadline; it names the cause. */
const LAST_WORD_MS = 250
/** It is asked for another one before that: on a node that is too busy, the last one comes late. */
const EARLY_WORD_MS = 500
const MOST = 10_000

/** Milliseconds on a clock that nobody sets; `performance`, which has it too, is loaded when it is named. */
const now = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}

const port = Number(process.env['LANYARD_METRICS_PORT'] ?? '9798')
const limit = Number(process.env['LANYARD_START_GATE_SECONDS']?.replace(/s$/, '') ?? '28')
const deadline = now() + limit * 1_000
let cause = 'the sidecar does not answer'

function ask(): void {
  const left = deadline - now()
  if (left <= 0) {
    fail(`GateTimeout: no credentials within ${limit} s: ${cause.replaceAll(/\s+/g, ' ')}`)
    return
  }
  let text = ''
  const wait = Math.min(60, (left > 2 * EARLY_WORD_MS ? left - EARLY_WORD_MS : left) / 1_000).toFixed(3)
  const socket = connect({ host: '127.0.0.1', port })
  const timer = setTimeout(() => socket.destroy(), Math.ceil(left) + LAST_WORD_MS)
  socket.setEncoding('utf8').write(`GET /startupz?wait=${wait} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  socket.on('error', ignore).on('data', (part: string) => {
    text += part
    if (text.length > MOST || bodyOf(text) !== undefined) socket.destroy()
  })
  socket.on('close', () => {
    clearTimeout(timer)
    const body = bodyOf(text)
    if (body !== undefined && text.startsWith('HTTP/1.1 200 ')) process.exit(0)
    cause = causeOf(body) ?? cause
    setTimeout(ask, RETRY_MS)
  })
}

const ignore = (): void => undefined

/** Of a whole answer; one that breaks off is none. */
function bodyOf(text: string): string | undefined {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const body = rest.join('\r\n\r\n')
  const length = /\r\nContent-Length: *(\d+)(?=\r\n|$)/i.exec(head)?.[1]
  return length !== undefined && Buffer.byteLength(body) === Number(length) ? body : undefined
}

function causeOf(body: string | undefined): string | undefined {
  try {
    return String(JSON.parse(body ?? '').message)
  } catch {
    return undefined
  }
}

function fail(line: string): void {
  process.stderr.write(`${line}\n`)
  process.exitCode = 1
}

if (!(port > 0 && port < 65_536 && limit >= 0)) {
  fail('SettingInvalid: LANYARD_METRICS_PORT is a port, LANYARD_START_GATE_SECONDS a number of seconds')
} else ask()
