import type { Protocol } from '../../conformance/client.ts'
import { type Attack, ask, family, type Row, type Target, tally } from '../attack.ts'
import { hammer } from '../wire.ts'
import { noise } from './strangers.ts'

type Codes = { readonly missing: string; readonly wrong: string }
const codes: Readonly<Record<Protocol, Codes>> = {
  container: { missing: '401 EndpointTokenMissing', wrong: '401 EndpointTokenWrong' },
  imds: { missing: '401 ImdsTokenMissing', wrong: '401 ImdsTokenWrong' },
}

const prove = (target: Target, token: string): string => ask(target, { proof: [`${target.proof.name}: ${token}`] })
const swapLast = (token: string): string => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`

type Guess = readonly [name: string, guess: (token: string) => string]
const guesses: readonly Guess[] = [
  ['a prefix', (token) => token.slice(0, -1)],
  ['half of it', (token) => token.slice(0, token.length / 2)],
  ['one character more', (token) => `${token}A`],
  ['the last character another', swapLast],
  ['the first character another', (token) => `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`],
  ['padded', (token) => `${token}=`],
  ['twice', (token) => token.repeat(2)],
  ['twice, as a list', (token) => `${token}, ${token}`],
  ['quoted', (token) => `"${token}"`],
  ['Bearer', (token) => `Bearer ${token}`],
  ['Basic', (token) => `Basic ${Buffer.from(`:${token}`).toString('base64')}`],
  ['lower case', (token) => token.toLowerCase()],
  ['upper case', (token) => token.toUpperCase()],
  ['reversed', (token) => [...token].toReversed().join('')],
  ['encoded', (token) => `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`],
  ['null', () => 'null'],
  ['__proto__', () => '__proto__'],
  ['a wildcard', () => '*'],
  ['7 kB', () => 'A'.repeat(7_000)],
  ['the right one, then 7 kB', (token) => token + 'A'.repeat(7_000)],
  ['bytes beyond ASCII', (token) => `${token.slice(0, -1)}\xe9`],
]

const single = (protocol: Protocol): readonly Attack[] => {
  const { missing, wrong } = codes[protocol]
  const rows: readonly Row[] = [
    ['none', (target) => ask(target, { proof: [] }), missing],
    ['empty', (target) => prove(target, ''), missing],
    ['blank', (target) => prove(target, '   '), missing],
    ...guesses.map(
      ([name, guess]): Row => [
        name,
        (target) => Buffer.from(prove(target, guess(target.proof.token)), 'latin1'),
        wrong,
      ],
    ),
    ['with a NUL', (target) => prove(target, `${target.proof.token}\0`), '400 RequestMalformed'],
    ['16 kB', (target) => prove(target, 'A'.repeat(16_384)), '400 RequestMalformed'],
    ['with spaces around it is right', (target) => prove(target, `  ${target.proof.token}\t`), '200 web'],
    [
      'in the query',
      (target) => ask(target, { line: `GET ${target.path}?token=${target.proof.token} HTTP/1.1`, proof: [] }),
      protocol === 'imds' ? missing : '404 PathUnknown',
    ],
    [
      'in a cookie',
      (target) => ask(target, { proof: [] }, `Cookie: ${target.proof.name}=${target.proof.token}`),
      missing,
    ],
    ['in another header', (target) => ask(target, { proof: [] }, `X-Authorization: ${target.proof.token}`), missing],
  ]
  return family('guessing', rows, protocol)
}

const GUESSES = 20_000
const hay = noise(32 * 997)
const guessed = Array.from({ length: 997 }, (_, index) =>
  hay.subarray(32 * index, 32 * index + 32).toString('base64url'),
)

const many = (protocol: Protocol): Attack => ({
  name: 'guessing/20,000 guesses',
  expected: `${GUESSES} × ${codes[protocol].wrong}, all with one body`,
  only: protocol,
  act: async (target) => {
    const bodies = new Set<string>()
    const seen = await hammer(target.port, {
      connections: 8,
      total: GUESSES,
      request: (turn) => prove(target, guessed[turn % guessed.length] ?? ''),
      onAnswer: ({ body }) => bodies.add(body),
    })
    return { seen: `${tally(seen)}, all with ${bodies.size === 1 ? 'one body' : `${bodies.size} bodies`}` }
  },
})

const PAIRS = 5_000

/** Guesses that share all but the last character with the right token, in turns with guesses that share none. */
const timing = (protocol: Protocol): Attack => ({
  name: 'guessing/timing',
  expected: `${2 * PAIRS} × ${codes[protocol].wrong}, all with one body`,
  only: protocol,
  act: async (target) => {
    const { token } = target.proof
    const bytes = Buffer.from(token, 'base64url')
    // Of the right form both, so that both are looked at as closely.
    const pair = [flipLast(bytes), noise(bytes.length)].map((guess) => guess.toString('base64url'))
    const took: readonly [number[], number[]] = [[], []]
    const bodies = new Set<string>()
    const seen = await hammer(target.port, {
      connections: 1,
      total: 2 * PAIRS,
      request: (turn) => prove(target, pair[turn % 2] ?? ''),
      onAnswer: ({ body }, turn, time) => {
        bodies.add(body)
        took[turn % 2 === 0 ? 0 : 1].push(time)
      },
    })
    const [near, far] = [median(took[0]), median(took[1])]
    return {
      seen: `${tally(seen)}, all with ${bodies.size === 1 ? 'one body' : `${bodies.size} bodies`}`,
      note: `near the token / far from it: ${(near / far).toFixed(3)} (medians ${near.toFixed(3)} and ${far.toFixed(3)} ms)`,
    }
  },
})

const flipLast = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)])

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

export const guessing: readonly Attack[] = (['container', 'imds'] as const).flatMap((protocol) => [
  ...single(protocol),
  many(protocol),
  timing(protocol),
])
