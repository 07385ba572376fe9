import { createSessionTokens } from '../../../src/endpoint/sessionTokens.ts'
import { type Attack, ask, family, message, type Row, type Target, tally } from '../attack.ts'
import { connected, converse, dial, hammer, read } from '../wire.ts'

const forged = (name: string, forge: (token: string) => string): Row => [
  `token ${name}`,
  (target) => ask(target, { proof: [`${target.proof.name}: ${forge(target.proof.token)}`] }),
  '401 ImdsTokenWrong',
]

/** Session tokens say their end themselves, in six bytes before the code that vouches for them. */
const alter = (token: string, change: (bytes: Buffer) => void): string => {
  const bytes = Buffer.from(token, 'base64url')
  change(bytes)
  return bytes.toString('base64url')
}

const rows: readonly Row[] = [
  forged('of another key', () => createSessionTokens(Buffer.alloc(32)).mint(Date.now() + 3_600_000)),
  forged('with a later end', (token) => alter(token, (bytes) => bytes.writeUIntBE(bytes.readUIntBE(0, 6) + 1, 0, 6))),
  forged('without an end', (token) => alter(token, (bytes) => bytes.fill(0xff, 0, 6))),
  forged('with a code of zeros', (token) => alter(token, (bytes) => bytes.fill(0, 6))),
  forged('without its code', (token) => alter(token, (bytes) => bytes.fill(0, 6)).slice(0, 8)),
  forged('with its two spare bits set', (token) => token.slice(0, -1) + setSpareBits(token.slice(-1))),
]

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** 51 characters hold two bits more than 38 bytes. */
const setSpareBits = (last: string): string => ALPHABET.charAt(ALPHABET.indexOf(last) | 3)

/** The right one in another spelling: one in five has no character that base64 writes otherwise. */
const respelt: Attack = {
  name: 'imds/token in base64 with + and /',
  expected: '401 ImdsTokenWrong',
  only: 'imds',
  act: async (target) => {
    let { token } = target.proof
    while (!/[-_]/.test(token)) token = await mint(target, 21_600)
    const other = token.replaceAll('-', '+').replaceAll('_', '/')
    return { seen: await converse(target.port, ask(target, { proof: [`${target.proof.name}: ${other}`] }), 1) }
  },
}

const everyBit: Attack = {
  name: 'imds/token with any bit flipped',
  expected: '304 × 401 ImdsTokenWrong',
  only: 'imds',
  act: async (target) => {
    const flip = (bit: number): string =>
      alter(target.proof.token, (bytes) => bytes.writeUInt8((bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3))
    const request = (bit: number): string => ask(target, { proof: [`${target.proof.name}: ${flip(bit)}`] })
    return { seen: tally(await hammer(target.port, { connections: 1, total: 304, request })) }
  },
}

/** Asks until the answer is another one. */
const expired: Attack = {
  name: 'imds/token used until it ends',
  expected: '200 web, then 401 ImdsTokenWrong',
  only: 'imds',
  act: async (target) => {
    const token = await mint(target, 1)
    const request = ask(target, { proof: [`${target.proof.name}: ${token}`] })
    const first = await converse(target.port, request, 1)
    let last = first
    while (last === first) last = await converse(target.port, request, 1)
    return { seen: `${first}, then ${last}` }
  },
}

/** A session token for so many seconds. */
export async function mint(target: Pick<Target, 'port'>, seconds: number): Promise<string> {
  const socket = dial(target.port)
  let token = ''
  const seen = read(socket, ([answer]) => {
    token = answer?.body ?? ''
    socket.end()
  })
  await connected(socket)
  const host = `Host: 127.0.0.1:${target.port}`
  socket.write(message('PUT /latest/api/token HTTP/1.1', host, `X-aws-ec2-metadata-token-ttl-seconds: ${seconds}`))
  await seen
  return token
}

/** Session tokens that are not, or no longer, ours. */
export const forgeries: readonly Attack[] = [...family('imds', rows, 'imds'), respelt, everyBit, expired]
