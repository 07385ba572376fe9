import { connect, type Socket } from 'node:net'
import { type Answer, labelRest, takeAnswers } from './answers.ts'

const LOOPBACK = '127.0.0.1'

/** A connection whose errors are nothing but its end. */
export function dial(port: number): Socket {
  const socket = connect(port, LOOPBACK)
  socket.on('error', () => undefined)
  return socket
}

export const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (!socket.connecting) resolve()
    socket.once('connect', () => resolve())
    socket.once('close', () => resolve())
  })

export const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.once('close', () => resolve())
  })

/** Reads a connection to its end: `400 RequestMalformed`, `200 web, 404 PathUnknown`, or `closed` without a byte. */
export async function read(
  socket: Socket,
  onAnswers: (answers: readonly Answer[]) => void = () => {},
): Promise<string> {
  const labels: string[] = []
  let rest = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    const taken = takeAnswers(rest + part)
    rest = taken.rest
    labels.push(...taken.answers.map(({ label }) => label))
    if (taken.answers.length > 0) onAnswers(taken.answers)
  })
  await closed(socket)
  return [...labels, ...labelRest(rest)].join(', ') || 'closed'
}

/**
 * Sends these bytes on a connection of their own. After so many answers it has nothing more to say: it closes its side
 * then, unless the endpoint said that it does, and takes note of whatever else comes until the connection is closed.
 */
export async function converse(port: number, bytes: string | Uint8Array, answers: number): Promise<string> {
  const socket = dial(port)
  let count = 0
  const seen = read(socket, (more) => {
    count += more.length
    if (count >= answers && more.at(-1)?.last === false) socket.end()
  })
  await connected(socket)
  socket.write(bytes)
  return await seen
}

export type Hammering = {
  readonly connections: number
  readonly total: number
  /** So many are sent at a time, before the answers are awaited; one by default. */
  readonly batch?: number
  /** A connection that the endpoint closes is made anew, and what it left unanswered is asked again. */
  readonly again?: boolean
  readonly request: (turn: number) => string
  /** Called with every answer, and how many milliseconds it took. */
  readonly onAnswer?: (answer: Answer, turn: number, took: number) => void
}

/** Many requests, one after another on each of these connections: what each was answered. */
export async function hammer(port: number, hammering: Hammering): Promise<readonly string[]> {
  const { connections, total, batch = 1, again = false, request, onAnswer } = hammering
  const seen: string[] = []
  let next = 0
  const work = async (): Promise<void> => {
    const socket = dial(port)
    let [due, turn, began] = [0, 0, 0]
    const send = (): void => {
      turn = next
      due = Math.min(batch, total - next)
      next += due
      began = performance.now()
      if (due === 0) socket.end()
      else socket.write(Array.from({ length: due }, (_, index) => request(turn + index)).join(''))
    }
    const ended = read(socket, (answers) => {
      due -= answers.length
      for (const answer of answers) {
        onAnswer?.(answer, turn, performance.now() - began)
        seen.push(answer.label)
      }
      if (due === 0) send()
    })
    await connected(socket)
    send()
    await ended
    if (again && next - due < total) {
      next -= due
      await work()
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  return seen
}

/**
 * Connections that send this and then nothing more: a hundred at a time, and the next when the endpoint has taken these,
 * which an answer to somebody behind them shows.
 */
export async function crowd(port: number, count: number, bytes: string, taken: () => Promise<void>): Promise<Crowd> {
  const sockets: Socket[] = []
  let made = 0
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(100, count - sockets.length) }, () => dial(port))
    sockets.push(...batch)
    for (const socket of batch) {
      // Read, so that its end is noticed.
      socket.resume().once('connect', () => {
        made += 1
      })
    }
    await Promise.all(batch.map(connected))
    if (bytes !== '') for (const socket of batch) socket.write(bytes)
    await taken()
  }
  return { sockets, made }
}

/** `made`: how many of them were connected. */
export type Crowd = { readonly sockets: readonly Socket[]; readonly made: number }
