import { createHash } from 'node:crypto'
import { type Attack, ask, family, type Row, type Target, tally } from '../attack.ts'
import { closed, connected, converse, dial, read } from '../wire.ts'

const malformed = '400 RequestMalformed'

/** The same bytes in every run, and no two alike. */
export function noise(length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`noise ${index}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

/** A ClientHello of TLS 1.2 (RFC 5246, section 7.4.1.2) with one cipher suite. */
const clientHello = Buffer.concat([
  Buffer.from('16030100310100002d0303', 'hex'),
  noise(32),
  Buffer.from('000004c02fc030010000', 'hex'),
])

const versions: readonly Row[] = [
  ['HTTP/1.0', (target) => ask(target, { line: `GET ${target.path} HTTP/1.0` }), '200 web'],
  ['HTTP/1.0 without Host', (target) => ask(target, { line: `GET ${target.path} HTTP/1.0`, host: [] }), malformed],
  [
    'HTTP/1.0, evil Host',
    (target) => ask(target, { line: `GET ${target.path} HTTP/1.0`, host: ['Host: evil.example'] }),
    '403 HostRefused',
  ],
  [
    'HTTP/1.0, kept',
    (target) => ask(target, { line: `GET ${target.path} HTTP/1.0` }, 'Connection: keep-alive'),
    '200 web',
  ],
  ['HTTP/0.9', (target) => `GET ${target.path}\r\n\r\n`, malformed],
  ['HTTP/1.2', (target) => ask(target, { line: `GET ${target.path} HTTP/1.2` }), malformed],
  ['HTTP/2.0 by name', (target) => ask(target, { line: `GET ${target.path} HTTP/2.0` }), malformed],
  ['HTTP/11', (target) => ask(target, { line: `GET ${target.path} HTTP/11` }), malformed],
  ['no version, with headers', (target) => ask(target, { line: `GET ${target.path}` }), malformed],
  ['HTTP/2 preface', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', malformed],
  [
    'h2c upgrade',
    (target) => ask(target, {}, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'),
    malformed,
  ],
  [
    'WebSocket',
    (target) =>
      ask(
        target,
        {},
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ),
    malformed,
  ],
  ['Expect: 100-continue', (target) => ask(target, {}, 'Expect: 100-continue'), malformed],
  ['another Expect', (target) => ask(target, {}, 'Expect: credentials'), malformed],
]

const bytes: readonly Row[] = [
  ['TLS ClientHello', () => clientHello, malformed],
  ['SSH', () => 'SSH-2.0-client\r\n', malformed],
  ['PROXY protocol', (target) => `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${ask(target)}`, malformed],
  ['PROXY protocol 2', () => Buffer.from('0d0a0d0a000d0a515549540a2100000c', 'hex'), malformed],
  ['SOCKS5', () => Buffer.from('050100', 'hex'), malformed],
  ['RTSP', (target) => ask(target, { line: `DESCRIBE ${target.path} RTSP/1.0` }), malformed],
  ['GET by RTSP', (target) => ask(target, { line: `GET ${target.path} RTSP/1.0` }), malformed],
  ['GET by ICE', (target) => ask(target, { line: `GET ${target.path} ICE/1.0` }), malformed],
  ['64 kB of noise', () => noise(65_536), malformed],
  ['64 kB of NUL', () => Buffer.alloc(65_536), malformed],
]

/** One conversation after the other with nobody who would take an answer; then a request that is answered. */
const leaving = (name: string, leave: (target: Target) => Promise<void>): Attack => ({
  name: `strangers/${name}`,
  expected: '200 web',
  act: async (target) => {
    for (let count = 0; count < 500; count += 1) await leave(target)
    return { seen: await converse(target.port, ask(target), 1) }
  },
})

async function reset({ port }: Target, text: string): Promise<void> {
  const socket = dial(port)
  await connected(socket)
  if (text !== '') socket.write(text)
  socket.resetAndDestroy()
  await closed(socket)
}

const departures: readonly Attack[] = [
  leaving('500 resets at once', (target) => reset(target, '')),
  leaving('500 resets within a request', (target) => reset(target, ask(target).slice(0, 40))),
  leaving('500 resets behind a request', (target) => reset(target, ask(target))),
  {
    name: 'strangers/closes its side at once',
    expected: '20 × closed',
    act: async (target) => ({ seen: tally(await closingAfter(target, '')) }),
  },
  {
    name: 'strangers/closes its side within a request',
    expected: `20 × ${malformed}`,
    act: async (target) => ({ seen: tally(await closingAfter(target, ask(target).slice(0, 40))) }),
  },
  {
    name: 'strangers/closes its side behind a request',
    expected: '20 × 200 web',
    act: async (target) => ({ seen: tally(await closingAfter(target, ask(target))) }),
  },
]

const closingAfter = ({ port }: Target, text: string): Promise<readonly string[]> =>
  Promise.all(
    Array.from({ length: 20 }, () => {
      const socket = dial(port)
      socket.end(text)
      return read(socket)
    }),
  )

export const strangers: readonly Attack[] = [...family('strangers', [...versions, ...bytes]), ...departures]
