import { type Attack, ask, family, message, type Row, tally } from '../attack.ts'
import { connected, dial, read } from '../wire.ts'

const orderly: readonly Row[] = [
  ['two', (target) => ask(target).repeat(2), '200 web, 200 web'],
  [
    'each its own answer',
    (target) =>
      ask(target) +
      message('GET /x HTTP/1.1', 'Host: 127.0.0.1', `${target.proof.name}: ${target.proof.token}`) +
      ask(target, { line: `POST ${target.path} HTTP/1.1` }) +
      ask(target),
    '200 web, 404 PathUnknown, 405 MethodRefused, 200 web',
  ],
  ['nothing behind Connection: close', (target) => ask(target, {}, 'Connection: close') + ask(target), '200 web'],
  [
    'nothing behind a refusal',
    (target) => ask(target, { host: ['Host: evil.example'] }) + ask(target),
    '403 HostRefused',
  ],
]

/** More than 8 kB ahead of its time ends a connection, after the answer that is due at most. */
const ahead = (count: number, connections: number): Attack => ({
  name: `pipelining/${count} at once on ${connections} connections`,
  expected: `${connections} × cut off`,
  act: async ({ port, ...target }) => {
    const bytes = ask({ port, ...target }).repeat(count)
    const all = await Promise.all(Array.from({ length: connections }, () => burst(port, bytes)))
    return { seen: tally(all.map((seen) => (seen === 'closed' || seen === '200 web' ? 'cut off' : seen))) }
  },
})

async function burst(port: number, bytes: string): Promise<string> {
  const socket = dial(port)
  const seen = read(socket)
  await connected(socket)
  socket.write(bytes)
  return await seen
}

export const pipelining: readonly Attack[] = [
  ...family('pipelining', orderly),
  ahead(1_000, 1),
  ahead(1_000, 200),
  ahead(100_000, 1),
]
