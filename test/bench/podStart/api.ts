/** The API server as pods' starts are measured by it: one connection that stays open, no program started for each call. */
import { spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'
import type { KubeObject } from '../../e2e/support/kubectl.ts'
import type { AtEnd } from '../../support/processes.ts'

export type Api = {
  /** Throws with the server's words where it refuses. */
  readonly call: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<string>
  /** Tells of each version of the objects until it answers with something; at most for a minute. */
  readonly watch: <T>(path: string, look: (object: KubeObject) => T | undefined) => Promise<T>
}

const WATCH_SECONDS = 60

/** By `kubectl proxy`, which knows whatever way to log in the kubeconfig names. */
export async function openApi(atEnd: AtEnd): Promise<Api> {
  const child = spawn('kubectl', ['proxy', '--port=0', '--keepalive=60s'], { stdio: ['ignore', 'pipe', 'inherit'] })
  atEnd(() => void child.kill())
  const port = await portOf(createInterface(child.stdout))
  const agent = new Agent({ keepAlive: true })
  atEnd(() => agent.destroy())

  const ask = (method: string, path: string, body?: object): Promise<AsyncIterable<string>> =>
    new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
      request({ host: '127.0.0.1', port, agent, method, path, headers }, (answer) => {
        answer.setEncoding('utf8')
        if ((answer.statusCode ?? 500) < 300) resolve(answer)
        else all(answer).then((text) => reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`)), reject)
      })
        .on('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body))
    })

  return {
    call: async (method, path, body) => all(await ask(method, path, body)),
    watch: async (path, look) => {
      for await (const event of lines(await ask('GET', `${path}&watch=1&timeoutSeconds=${WATCH_SECONDS}`))) {
        const found = look((JSON.parse(event) as { readonly object: KubeObject }).object)
        if (found !== undefined) return found
      }
      throw new Error(`${path}: not within ${WATCH_SECONDS} s`)
    },
  }
}

async function portOf(said: AsyncIterable<string>): Promise<number> {
  for await (const line of said) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return Number(port)
  }
  throw new Error('kubectl proxy did not start')
}

async function all(parts: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const part of parts) text += part
  return text
}

async function* lines(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let text = ''
  for await (const part of parts) {
    const split = (text + part).split('\n')
    text = split.pop() ?? ''
    yield* split
  }
}
