import { type Attack, ask, family, type Row } from '../attack.ts'

const hosts = [
  'evil.example',
  'localhost',
  'LOCALHOST',
  '127.0.0.1.nip.io',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0.0.0.0',
  '127.0.0.2',
  '169.254.169.254',
  '169.254.170.2',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '127.0.0.1@evil.example',
  'evil.example@127.0.0.1',
  '127.0.0.1, evil.example',
  '127.0.0.1:80',
  '127.0.0.1:',
  '',
] as const

const refusedHosts = hosts.map(
  (host): Row => [
    host === '' ? 'empty' : host,
    (target) => ask(target, { host: [`Host: ${host}`] }),
    '403 HostRefused',
  ],
)

/** A rebound DNS name reaches the port with the name in Host. */
const rebinding = family('host', [
  ...refusedHosts,
  [
    'right name, zero before the port',
    (target) => ask(target, { host: [`Host: 127.0.0.1:0${target.port}`] }),
    '403 HostRefused',
  ],
  ['evil name, our port', (target) => ask(target, { host: [`Host: evil.example:${target.port}`] }), '403 HostRefused'],
  ['none', (target) => ask(target, { host: [] }), '400 RequestMalformed'],
  ['two, ours first', (target) => ask(target, {}, 'Host: evil.example'), '400 RequestMalformed'],
  [
    'two, ours last',
    (target) => ask(target, { host: ['Host: evil.example'] }, 'Host: 127.0.0.1'),
    '400 RequestMalformed',
  ],
  ['two of ours', (target) => ask(target, {}, 'host: 127.0.0.1'), '400 RequestMalformed'],
  ['X-Forwarded-Host beside ours', (target) => ask(target, {}, 'X-Forwarded-Host: 127.0.0.1'), '403 ForwardedRefused'],
  ['the address alone is right', (target) => ask(target, { host: ['Host: 127.0.0.1'] }), '200 web'],
  ['with our port it is right', (target) => ask(target), '200 web'],
])

const origins = ['null', 'http://evil.example', 'http://127.0.0.1', 'http://localhost:9797', ''] as const

const pages = family('origin', [
  ...origins.map(
    (origin): Row => [origin || 'empty', (target) => ask(target, {}, `Origin: ${origin}`), '403 OriginRefused'],
  ),
  ['oddly spelt', (target) => ask(target, {}, 'oRiGiN: http://evil.example'), '403 OriginRefused'],
  [
    'a preflight',
    (target) =>
      ask(
        target,
        { line: `OPTIONS ${target.path} HTTP/1.1` },
        'Origin: http://evil.example',
        'Access-Control-Request-Method: GET',
      ),
    '403 OriginRefused',
  ],
])

const relays = [
  'X-Forwarded-For: 127.0.0.1',
  'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
  'X-Forwarded-For:',
  'x-forwarded-for: unknown',
  'X-Forwarded-Proto: http',
  'X-Forwarded: for=127.0.0.1',
  'Forwarded: for=127.0.0.1;host=127.0.0.1',
  'Via: 1.1 proxy',
  'X-Real-IP: 127.0.0.1',
  'X-Original-Forwarded-For: 127.0.0.1',
] as const

const relayed = family(
  'forwarded',
  relays.map((line): Row => [line, (target) => ask(target, {}, line), '403 ForwardedRefused']),
)

export const callers: readonly Attack[] = [...rebinding, ...pages, ...relayed]
