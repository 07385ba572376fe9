import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { CredentialsView, Session } from '../../../src/credentials/types.ts'
import { type Answering, answeringContainers, type RunningServer } from '../../../src/endpoint/index.ts'
import { NOW, none, TOKEN } from '../../unit/endpoint/builders.ts'

export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-endpoint-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Closes the server with the test. */
export async function closing(starting: Promise<RunningServer>): Promise<RunningServer> {
  const server = await starting
  onTestFinished(() => server.close())
  return server
}

export type FakeSession = Session & {
  /** Every `asked` so far, by how long it would wait. */
  readonly asks: number[]
  /** Resolves at the first `asked` that waits. */
  readonly waited: Promise<void>
  /** Changes what it holds, and tells all who wait. */
  become(view: CredentialsView): void
}

export function fakeSession(view: CredentialsView = none(), name = 'default'): FakeSession {
  let current = view
  let change = Promise.withResolvers<void>()
  const waited = Promise.withResolvers<void>()
  const asks: number[] = []
  return {
    name,
    asks,
    waited: waited.promise,
    view: () => current,
    asked: (atMost) => {
      asks.push(atMost)
      if (atMost === 0) return Promise.resolve()
      waited.resolve()
      return change.promise
    },
    become: (next) => {
      current = next
      change.resolve()
      change = Promise.withResolvers()
    },
  }
}

/** The container protocol for one container, app, at a moment that does not pass. */
export function answeringApp(session: Session, lookup: (token: string) => string | undefined = lookupApp): Answering {
  return answeringContainers({ sessions: new Map([['app', session]]), tokens: { lookup }, now: () => NOW })
}
const lookupApp = (token: string): string | undefined => (token === TOKEN ? 'app' : undefined)

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  return socket
}

/** Everything that comes until the peer closes. */
export async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return text
}

/** Sends these bytes on a connection of their own and returns all that comes back. */
export async function raw(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = await open(port)
  const all = readAll(socket)
  socket.write(bytes)
  return await all
}

/** An HTTP message from its lines. */
export const message = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`

export const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
export const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4)
