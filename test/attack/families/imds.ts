import { type Attack, ask, family, message, proofLine, type Row, type Target, tally } from '../attack.ts'
import { hammer } from '../wire.ts'
import { forgeries } from './forgeries.ts'

const TTL = 'X-aws-ec2-metadata-token-ttl-seconds'
const TOKEN_PATH = '/latest/api/token'
const CREDENTIALS = '/latest/meta-data/iam/security-credentials'

type Put = { readonly line?: string; readonly ttl?: readonly string[] }

const put = (target: Target, { line, ttl }: Put = {}, ...more: readonly string[]): string =>
  message(
    line ?? `PUT ${TOKEN_PATH} HTTP/1.1`,
    `Host: 127.0.0.1:${target.port}`,
    ...(ttl ?? [`${TTL}: 21600`]),
    ...more,
  )

const refusedTtls = [
  '0',
  '00000',
  '21601',
  '99999',
  '-1',
  '+5',
  '1e3',
  '0x10',
  '5.0',
  '5 5',
  '5,5',
  '5s',
  '',
  'NaN',
  '1'.repeat(300),
] as const

const lifetimes: readonly Row[] = [
  ...refusedTtls.map(
    (ttl): Row => [
      `TTL ${ttl.slice(0, 9) || 'empty'}`,
      (target) => put(target, { ttl: [`${TTL}: ${ttl}`] }),
      '400 ImdsTtlInvalid',
    ],
  ),
  ['TTL missing', (target) => put(target, { ttl: [] }), '400 ImdsTtlInvalid'],
  ['TTL twice', (target) => put(target, {}, `${TTL}: 60`), '400 RequestMalformed'],
  ['TTL twice, alike', (target) => put(target, {}, `${TTL.toLowerCase()}: 21600`), '400 RequestMalformed'],
  ['TTL 1', (target) => put(target, { ttl: [`${TTL}: 1`] }), '200 session token for 1 s'],
  ['TTL 21600', put, '200 session token for 21600 s'],
  ['TTL behind spaces', (target) => put(target, { ttl: [`${TTL}:   5 `] }), '200 session token for 5 s'],
]

const puts: readonly Row[] = [
  ['PUT, X-Forwarded-For', (target) => put(target, {}, 'X-Forwarded-For: 203.0.113.9'), '403 ForwardedRefused'],
  ['PUT, Forwarded', (target) => put(target, {}, 'Forwarded: for=203.0.113.9'), '403 ForwardedRefused'],
  ['PUT, Origin', (target) => put(target, {}, 'Origin: null'), '403 OriginRefused'],
  ['PUT, evil Host', (target) => put(target, {}).replace(/Host: .*/, 'Host: evil.example'), '403 HostRefused'],
  ['PUT with a body', (target) => `${put(target, {}, 'Content-Length: 4')}body`, '400 RequestMalformed'],
  ['PUT with a length of 0', (target) => put(target, {}, 'Content-Length: 0'), '200 session token for 21600 s'],
  [
    'PUT with a slash behind',
    (target) => put(target, { line: `PUT ${TOKEN_PATH}/ HTTP/1.1` }),
    '200 session token for 21600 s',
  ],
  ...['GET', 'POST', 'DELETE', 'PATCH'].map(
    (method): Row => [
      `${method} for a session token`,
      (target) => put(target, { line: `${method} ${TOKEN_PATH} HTTP/1.1` }),
      '405 MethodRefused',
    ],
  ),
  ...[
    `//${TOKEN_PATH}`,
    `${TOKEN_PATH}//`,
    `${TOKEN_PATH}?`,
    '/latest/api/../api/token',
    '/latest/api%2ftoken',
    '/1.0/api/token',
  ].map(
    (path): Row => [`PUT ${path}`, (target) => put(target, { line: `PUT ${path} HTTP/1.1` }), '401 ImdsTokenMissing'],
  ),
]

const answered = [
  CREDENTIALS,
  `${CREDENTIALS}/`,
  `${CREDENTIALS}/web`,
  '/latest/meta-data/placement/region',
  '/latest/dynamic/instance-identity/document',
]
const unanswered = [
  '/',
  '/latest',
  '/latest/meta-data/',
  '/latest/user-data',
  '/latest/meta-data/iam/info',
  '/latest/meta-data/identity-credentials/ec2/security-credentials/ec2-instance',
  '/latest/meta-data/iam/security-credentials-extended/',
  '/latest/meta-data/iam/security-credentials-extended/web',
  '/2021-01-03/meta-data/iam/security-credentials/web',
  `//${CREDENTIALS}/web`,
  `${CREDENTIALS}//web`,
  `${CREDENTIALS}/WEB`,
  `${CREDENTIALS}/other`,
  `${CREDENTIALS}/web/other`,
  `${CREDENTIALS}/..%2fother`,
  `${CREDENTIALS}/w%65b`,
  `${CREDENTIALS}/{role}`,
  `${CREDENTIALS}/__proto__`,
  '/v1/credentials',
]
const get = (path: string) => (target: Target) => ask(target, { line: `GET ${path} HTTP/1.1` })

const gets: readonly Row[] = [
  ...[...answered, ...unanswered].map(
    (path): Row => [
      `no token, ${path}`,
      (target) => ask(target, { line: `GET ${path} HTTP/1.1`, proof: [] }),
      '401 ImdsTokenMissing',
    ],
  ),
  ...unanswered.map((path): Row => [`with a token, ${path}`, get(path), '404 PathUnknown']),
  ['the role is one alone', get(`${CREDENTIALS}/`), '200 "web"'],
  ['two tokens', (target) => ask(target, {}, proofLine(target)), '400 RequestMalformed'],
  [
    'token as Authorization',
    (target) => ask(target, { proof: [`Authorization: ${target.proof.token}`] }),
    '401 ImdsTokenMissing',
  ],
]

const PUTS = 200_000

const putFlood: Attack = {
  name: 'imds/200,000 session tokens',
  expected: `${PUTS} × 200 session token for 21600 s`,
  only: 'imds',
  act: async (target) => {
    const text = put(target)
    return { seen: tally(await hammer(target.port, { connections: 16, total: PUTS, batch: 20, request: () => text })) }
  },
}

export const imds: readonly Attack[] = [
  ...family('imds', [...lifetimes, ...puts, ...gets], 'imds'),
  ...forgeries,
  putFlood,
]
