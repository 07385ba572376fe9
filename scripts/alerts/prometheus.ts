import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'

/** A Prometheus that is ready: where its HTTP API is. */
export type Prometheus = { readonly url: string }
type Json = Readonly<Record<string, unknown>>

/** How long it may take to be ready, in milliseconds. */
const PATIENCE = 60_000
const ABSENT =
  'there is no prometheus on the PATH: Debian and Ubuntu have it (apt-get install prometheus), or PROMETHEUS says where it is'

/**
 * Runs Prometheus on loopback, at a port of its own choice, with the data in `folder`/data and the configuration in
 * `folder`/prometheus.json, for as long as `use` takes; then it is ended, come what may. Throws where it cannot be started.
 */
export async function withPrometheus<T>(folder: string, use: (prometheus: Prometheus) => Promise<T>): Promise<T> {
  const child = spawn(process.env['PROMETHEUS'] ?? 'prometheus', argumentsOf(folder), {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  const closed = once(child, 'close').catch(() => [])
  try {
    return await use({ url: `http://${await readyAddress(child)}` })
  } finally {
    end()
    await closed
    process.removeListener('exit', end)
  }
}

const argumentsOf = (folder: string): readonly string[] => [
  `--config.file=${join(folder, 'prometheus.json')}`,
  `--storage.tsdb.path=${join(folder, 'data')}`,
  // What was recorded is as old as it is.
  '--storage.tsdb.retention.time=100y',
  '--web.listen-address=127.0.0.1:0',
  '--log.format=json',
]

/** By what it logs; it says the port that the system gave it. */
function readyAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [log, address] = ['', '']
    const timer = setTimeout(() => fail(`prometheus is not ready after ${PATIENCE / 1_000} s:\n${log}`), PATIENCE)
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(new Error(why))
    }
    const take = (line: string): void => {
      if (!line.startsWith('{')) return
      const { msg, address: told }: Json = JSON.parse(line)
      if (msg === 'Listening on' && typeof told === 'string') address = told
      if (address === '' || msg !== 'Server is ready to receive web requests.') return
      clearTimeout(timer)
      resolve(address)
    }
    let rest = ''
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      log += part
      const lines = `${rest}${part}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    })
    child.once('error', (thrown) => fail('code' in thrown && thrown.code === 'ENOENT' ? ABSENT : thrown.message))
    child.once('close', () => fail(`prometheus ended:\n${log}`))
  })
}

/** What an endpoint of the HTTP API says (Prometheus docs, "HTTP API"). Throws what it complains of. */
export async function askApi(
  { url }: Prometheus,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<unknown> {
  const answer = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`)
  const { status, data, error }: Json = JSON.parse(await answer.text())
  if (status !== 'success') throw new Error(String(error))
  return data
}
