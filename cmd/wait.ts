/**
 * The start gate's wait program: the postStart hook of the sidecar. Asks 127.0.0.1 until the pod's credentials are there
 * (exit 0) or the time is over (exit 1, one line on stderr). It runs once at the start of every pod, beside a sidecar
 * that is starting too, so it is one small file that imports nothing but node:http.
 */
import { get, type IncomingMessage } from 'node:http'

const RETRY_MS = 50
/** The sidecar's own last word comes at the deadline; it names the cause. */
const LAST_WORD_MS = 250

const port = Number(process.env['LANYARD_METRICS_PORT'] ?? '9798')
const limit = Number(process.env['LANYARD_START_GATE_SECONDS']?.replace(/s$/, '') ?? '28')
const deadline = performance.now() + limit * 1_000
let cause = 'the sidecar does not answer'

function ask(): void {
  const left = deadline - performance.now()
  if (left <= 0) {
    fail(`GateTimeout: no credentials within ${limit} s: ${cause.replaceAll(/\s+/g, ' ')}`)
    return
  }
  let text = ''
  let answer: IncomingMessage | undefined
  const wait = Math.min(60, left / 1_000).toFixed(3)
  // Its own agent: the shared one may have been told of a proxy by the environment.
  const options = { host: '127.0.0.1', port, path: `/startupz?wait=${wait}`, agent: false as const }
  const request = get({ ...options, signal: AbortSignal.timeout(Math.ceil(left) + LAST_WORD_MS) }, (response) => {
    answer = response
    response.setEncoding('utf8').on('error', ignore)
    response.on('data', (part: string) => {
      if (text.length < 10_000) text += part
    })
  })
  request.on('error', ignore).on('close', () => {
    // One that breaks off is none.
    if (answer?.statusCode === 200 && answer.complete) process.exit(0)
    cause = causeOf(text) ?? cause
    setTimeout(ask, RETRY_MS)
  })
}

const ignore = (): void => undefined

function causeOf(text: string): string | undefined {
  try {
    return String(JSON.parse(text).message)
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
