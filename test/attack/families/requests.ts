import { type Attack, ask, family, message, proofLine, type Row } from '../attack.ts'

const refusedMethods = [
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'SEARCH',
  'PURGE',
  'QUERY',
] as const

const methods = family('method', [
  ...refusedMethods.map(
    (method): Row => [
      method,
      (target) => ask(target, { line: `${method} ${target.path} HTTP/1.1` }),
      '405 MethodRefused',
    ],
  ),
  [
    'HEAD',
    (target) => ask(target, { line: `HEAD ${target.path} HTTP/1.1` }, 'Connection: close'),
    '405 without a body',
  ],
  ['CONNECT', (target) => ask(target, { line: `CONNECT 127.0.0.1:${target.port} HTTP/1.1` }), '400 RequestMalformed'],
  ['CONNECT to the path', (target) => ask(target, { line: `CONNECT ${target.path} HTTP/1.1` }), '400 RequestMalformed'],
  ['lower-case get', (target) => ask(target, { line: `get ${target.path} HTTP/1.1` }), '400 RequestMalformed'],
  ['one that is none', (target) => ask(target, { line: `STEAL ${target.path} HTTP/1.1` }), '405 MethodRefused'],
  ['none at all', (target) => ask(target, { line: ` ${target.path} HTTP/1.1` }), '400 RequestMalformed'],
  [
    'overridden from POST',
    (target) => ask(target, { line: `POST ${target.path} HTTP/1.1` }, 'X-HTTP-Method-Override: GET'),
    '405 MethodRefused',
  ],
  ['an override is ignored', (target) => ask(target, {}, 'X-HTTP-Method-Override: PUT'), '200 web'],
])

type Spelling = readonly [name: string, spell: (path: string) => string, expected: string]

const unknown = '404 PathUnknown'
const malformed = '400 RequestMalformed'
const lastSlash = /\/(?=[^/]*$)/

const spellings: readonly Spelling[] = [
  ['three slashes first', (path) => `//${path}`, unknown],
  ['two slashes within', (path) => path.replace(lastSlash, '//'), unknown],
  ['two slashes last', (path) => `${path}//`, unknown],
  ['%2f', (path) => path.replace(lastSlash, '%2f'), unknown],
  ['%252f', (path) => path.replace(lastSlash, '%252f'), unknown],
  ['..%2f', (path) => path.replace(lastSlash, '/x/..%2f'), unknown],
  ['dot segment', (path) => path.replace(lastSlash, '/./'), unknown],
  ['dot-dot segment', (path) => `/x/..${path}`, unknown],
  ['%2e segment', (path) => path.replace(lastSlash, '/%2e/'), unknown],
  ['a letter encoded', (path) => `${path.slice(0, -1)}%${path.charCodeAt(path.length - 1).toString(16)}`, unknown],
  ['upper case', (path) => path.toUpperCase(), unknown],
  ['path parameter', (path) => `${path};x`, unknown],
  ['empty query', (path) => `${path}?`, unknown],
  ['query', (path) => `${path}?container=worker&role=other`, unknown],
  ['encoded query', (path) => `${path}%3fx`, unknown],
  ['fragment', (path) => `${path}#x`, unknown],
  ['below it', (path) => `${path}/other`, unknown],
  ['its beginning', (path) => path.slice(0, -1), unknown],
  ['more letters', (path) => `${path}x`, unknown],
  ['encoded NUL', (path) => `${path}%00`, unknown],
  ['backslashes', (path) => path.replaceAll('/', '\\'), malformed],
  ['a backslash', (path) => path.replace(lastSlash, '\\'), unknown],
  ['encoded overlong slash', (path) => path.replace(lastSlash, '%c0%af'), unknown],
  ['root', () => '/', unknown],
  ['/metrics', () => '/metrics', unknown],
  ['/healthz', () => '/healthz', unknown],
  ['/v2/credentials', () => '/v2/credentials', unknown],
  ['/v1/credentials.json', () => '/v1/credentials.json', unknown],
  ['NUL', (path) => `${path}\0`, malformed],
  ['NUL within', (path) => path.replace(lastSlash, '\0/'), malformed],
  ['space within', (path) => path.replace(lastSlash, '/ '), malformed],
  ['tab within', (path) => path.replace(lastSlash, '/\t'), malformed],
  ['no slash first', (path) => path.slice(1), malformed],
  ['absolute-form', (path) => `http://127.0.0.1${path}`, malformed],
  ['absolute-form of another', (path) => `http://evil.example${path}`, malformed],
  ['absolute-form, file', (path) => `file://${path}`, malformed],
  ['asterisk-form', () => '*', malformed],
  ['empty', () => '', malformed],
  ['7 kB', (path) => `${path}/${'x'.repeat(7_000)}`, unknown],
  ['16 kB', (path) => `${path}/${'x'.repeat(16_000)}`, malformed],
]

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1')

const paths = family('path', [
  ...spellings.map(
    ([name, spell, expected]): Row => [
      name,
      (target) => ask(target, { line: `GET ${spell(target.path)} HTTP/1.1` }),
      expected,
    ],
  ),
  [
    'overlong UTF-8 slash',
    (target) => latin1(ask(target, { line: `GET ${target.path.replace(lastSlash, '\xc0\xaf')} HTTP/1.1` })),
    malformed,
  ],
  ['a byte that is no UTF-8', (target) => latin1(ask(target, { line: `GET ${target.path}\xff HTTP/1.1` })), malformed],
  ['X-Original-URL', (target) => ask(target, { line: 'GET / HTTP/1.1' }, `X-Original-URL: ${target.path}`), unknown],
  [
    'the right one twice',
    (target) => message(`GET ${target.path} ${target.path} HTTP/1.1`, 'Host: 127.0.0.1', proofLine(target)),
    malformed,
  ],
])

export const requests: readonly Attack[] = [...methods, ...paths]
