import { type Attack, ask, family, message, proofLine, type Row, type Target, tally } from '../attack.ts'
import { connected, converse, dial, hammer, read } from '../wire.ts'
import { noise } from './strangers.ts'

const malformed = '400 RequestMalformed'
const many = (count: number, line: (index: number) => string): readonly string[] =>
  Array.from({ length: count }, (_, index) => line(index))

const heads: readonly Row[] = [
  ['2,000 headers', (target) => ask(target, {}, ...many(2_000, (index) => `X-${index}: y`)), malformed],
  [
    '2,005 tiny headers, then Origin',
    (target) => ask(target, {}, ...many(2_005, () => 'a:'), 'Origin: null'),
    malformed,
  ],
  [
    '90 tiny headers, then Origin',
    (target) => ask(target, {}, ...many(90, () => 'a:'), 'Origin: null'),
    '403 OriginRefused',
  ],
  ['100 tiny headers, then Origin', (target) => ask(target, {}, ...many(100, () => 'a:'), 'Origin: null'), malformed],
  [
    '1,000 times Authorization',
    (target) => ask(target, {}, ...many(1_000, () => `Authorization: ${target.other ?? ''}`)),
    malformed,
  ],
  ['9 kB of headers', (target) => ask(target, {}, ...many(90, (index) => `X-${index}: ${'y'.repeat(94)}`)), malformed],
  ['a header of 64 kB', (target) => ask(target, {}, `X: ${'y'.repeat(65_536)}`), malformed],
  ['a name of 64 kB', (target) => ask(target, {}, `${'X'.repeat(65_536)}: y`), malformed],
  ['a method of 64 kB', (target) => ask(target, { line: `${'G'.repeat(65_536)} ${target.path} HTTP/1.1` }), malformed],
  ['blank lines, 64 kB', (target) => '\r\n'.repeat(32_768) + ask(target), '200 web'],
]

const body = (length: string, bytes: string): Row => [
  `a body of ${length} bytes`,
  (target) => ask(target, { line: `PUT ${target.path} HTTP/1.1` }, `Content-Length: ${length}`) + bytes,
  malformed,
]

const bodies: readonly Row[] = [
  body('1000000000', 'x'.repeat(4_000)),
  body('1', 'x'),
  body('18446744073709551617', 'x'),
  [
    'a chunk of 2 GB',
    (target) => `${ask(target, {}, 'Transfer-Encoding: chunked')}7fffffff\r\n${'x'.repeat(4_000)}`,
    malformed,
  ],
]

/** Goes on writing as long as the connection takes it. */
async function writeOn({ port }: Target, head: string, more: string): Promise<string> {
  const socket = dial(port)
  const seen = read(socket)
  await connected(socket)
  const pump = (): void => {
    while (socket.writable && socket.write(more));
  }
  socket.on('drain', pump)
  socket.write(head)
  pump()
  return await seen
}

/** Whether the refusal is read before the reset that follows is a matter of who is faster. */
const cut = (seen: string): string => (seen === malformed || seen === 'closed' ? 'cut' : seen)

const endless = (name: string, head: (target: Target) => string, more: string): Attack => ({
  name: `floods/${name}`,
  expected: '20 × cut',
  act: async (target) => {
    const all = await Promise.all(Array.from({ length: 20 }, () => writeOn(target, head(target), more)))
    return { seen: tally(all.map(cut)) }
  },
})

/** What is read and thrown away is garbage until it is collected. */
const refusedLoads: Attack = {
  name: 'floods/1,000 connections that send 128 kB of noise',
  expected: '1000 × cut',
  act: async ({ port }) => {
    const load = noise(131_072)
    const seen: string[] = []
    let left = 1_000
    const work = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        seen.push(cut(await converse(port, load, 1)))
      }
    }
    await Promise.all(Array.from({ length: 20 }, work))
    return { seen: tally(seen) }
  },
}

const line = (target: Target): string => `GET ${target.path} HTTP/1.1\r\n`

const streams: readonly Attack[] = [
  endless('headers without end', line, `X: ${'y'.repeat(61)}\r\n`.repeat(100)),
  endless('a header without end', (target) => `${line(target)}X: `, 'y'.repeat(6_400)),
  endless('a request line without end', () => 'GET /', 'y'.repeat(6_400)),
  endless('a body without end', (target) => ask(target, {}, 'Content-Length: 1000000000'), 'y'.repeat(65_536)),
  endless(
    'chunks without end',
    (target) => ask(target, {}, 'Transfer-Encoding: chunked'),
    `fff\r\n${'y'.repeat(4_095)}\r\n`,
  ),
  endless('noise without end', () => '', noise(65_536).toString('latin1')),
]

/** Each of these costs the endpoint a whole request, as fast as it answers. */
const busy = (
  name: string,
  request: (target: Target) => string,
  expected: string,
  only: Partial<Pick<Attack, 'only'>> = {},
): Attack => ({
  ...only,
  name: `floods/10,000 requests, ${name}`,
  expected: `10000 × ${expected}`,
  act: async (target) => {
    const text = request(target)
    return { seen: tally(await hammer(target.port, { connections: 200, total: 10_000, request: () => text })) }
  },
})

/** More connections than there are places for, each of them busy and back at once when it was pushed out. */
const throng: Attack = {
  name: 'floods/5,000 requests on 400 connections that come again',
  expected: '5000 × 200 web',
  only: 'container',
  act: async (target) => {
    const request = (): string => ask(target)
    return { seen: tally(await hammer(target.port, { connections: 400, total: 5_000, again: true, request })) }
  },
}

const crowds: readonly Attack[] = [
  throng,
  busy('all right', ask, '200 web'),
  busy(
    'unknown path',
    (target) => message('GET /x HTTP/1.1', 'Host: 127.0.0.1', proofLine(target)),
    '404 PathUnknown',
    { only: 'container' },
  ),
]

export const floods: readonly Attack[] = [
  ...family('floods', [...heads, ...bodies]),
  ...streams,
  refusedLoads,
  ...crowds,
]
