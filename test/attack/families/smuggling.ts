import { type Attack, ask, family, message, proofLine, type Row, type Target } from '../attack.ts'

const malformed = '400 RequestMalformed'

/** The request with these header lines, and behind it what somebody might take for its body or for a second request. */
const hiding = (name: string, lines: readonly string[], body?: (target: Target) => string): Row => [
  name,
  (target) => ask(target, {}, ...lines) + (body ?? ask)(target),
  malformed,
]
const chunked = 'Transfer-Encoding: chunked'
const emptyChunk = (target: Target): string => `0\r\n\r\n${ask(target)}`

const lengths = [
  '+4',
  '4 4',
  '4, 4',
  '04',
  '00',
  '-1',
  '0x4',
  '4\t',
  '4.0',
  '1e1',
  '',
  'four',
  '99999999999999999999',
] as const

const framing: readonly Row[] = [
  hiding('CL and TE', ['Content-Length: 4', chunked], emptyChunk),
  hiding('TE and CL', [chunked, 'Content-Length: 4'], emptyChunk),
  hiding('CL 0 and TE', ['Content-Length: 0', chunked], emptyChunk),
  hiding('TE', [chunked], emptyChunk),
  hiding('TE twice', [chunked, chunked], emptyChunk),
  hiding('TE, folded', ['Transfer-Encoding:', ' chunked'], emptyChunk),
  hiding('TE, folded with a tab', ['Transfer-Encoding: chunked', '\t, identity'], emptyChunk),
  hiding('TE xchunked', ['Transfer-Encoding: xchunked'], emptyChunk),
  hiding('TE identity', ['Transfer-Encoding: identity'], emptyChunk),
  hiding('TE chunked, identity', ['Transfer-Encoding: chunked, identity'], emptyChunk),
  hiding('TE, vertical tab', ['Transfer-Encoding: \x0bchunked'], emptyChunk),
  hiding('TE, upper case', ['TRANSFER-ENCODING: CHUNKED'], emptyChunk),
  hiding('TE, space before the colon', ['Transfer-Encoding : chunked'], emptyChunk),
  hiding('TE, underscore and CL', ['Transfer_Encoding: chunked', 'Content-Length: 5'], emptyChunk),
  hiding('a chunk with an extension', [chunked], (target) => `1;x=\r\n\r\n0\r\n\r\n${ask(target)}`),
  hiding('two CLs, 0 and 4', ['Content-Length: 0', 'Content-Length: 4']),
  hiding('two CLs, alike', ['Content-Length: 0', 'Content-Length: 0']),
  ...lengths.map((length) => hiding(`CL ${JSON.stringify(length)}`, [`Content-Length: ${length}`])),
  hiding('CL, space before the colon', ['Content-Length : 0']),
  hiding('a body', ['Content-Length: 5'], (target) => `hello${ask(target)}`),
  hiding('a body that is a request', ['Content-Length: 4000']),
  hiding('Trailer', ['Trailer: Authorization']),
  hiding('Expect', ['Expect: 100-continue', 'Content-Length: 0']),
  hiding('Upgrade', ['Connection: Upgrade', 'Upgrade: h2c']),
]

/** Lines that end as they must not, names that are none, values with bytes that none may have. */
const syntax: readonly Row[] = [
  ['two spaces behind the method', (target) => ask(target, { line: `GET  ${target.path} HTTP/1.1` }), malformed],
  ['bare line feeds', (target) => ask(target).replaceAll('\r\n', '\n'), malformed],
  [
    'bare line feed behind Host',
    (target) => ask(target).replace(`:${target.port}\r\n`, `:${target.port}\n`),
    malformed,
  ],
  ['bare carriage returns', (target) => `${ask(target).trimEnd().replaceAll('\r\n', '\r')}\r\n\r\n`, malformed],
  ['bare carriage return in a value', (target) => ask(target, {}, 'X: a\rOrigin: b'), malformed],
  ['ends in LF LF', (target) => `${ask(target).trimEnd()}\n\n`, malformed],
  ['ends in LF CR LF', (target) => `${ask(target).trimEnd()}\n\r\n`, malformed],
  hiding('folded', ['X: a', ' b']),
  hiding('folded Host', ['X: a', '\tHost: evil.example']),
  ['space before the first name', (target) => ask(target, { host: [' Host: 127.0.0.1'] }), malformed],
  ['Host, space before the colon', (target) => ask(target, { host: ['Host : 127.0.0.1'] }), malformed],
  hiding('NUL in a value', ['X: a\0b']),
  hiding('NUL in a name', ['X\0: a']),
  hiding('DEL in a value', ['X: a\x7fb']),
  hiding('no colon', ['X']),
  hiding('no name', [': x']),
  hiding('a name with a bracket', ['X(: x']),
  ['a tab behind the method', (target) => ask(target, { line: `GET\t${target.path} HTTP/1.1` }), malformed],
  ['a space behind the version', (target) => ask(target, { line: `GET ${target.path} HTTP/1.1 ` }), malformed],
]

const harmless: readonly Row[] = [
  ['CL 0, then a request', (target) => ask(target, {}, 'Content-Length: 0') + ask(target), '200 web, 200 web'],
  ['Connection names Host', (target) => ask(target, {}, 'Connection: Host, keep-alive'), '200 web'],
  ['blank lines first', (target) => `\r\n\r\n${ask(target)}`, '200 web'],
  [
    'a request behind a refusal',
    (target) => message(`GET ${target.path} HTTP/1.1`, 'Host: evil.example', proofLine(target)) + ask(target),
    '403 HostRefused',
  ],
  ['garbage behind a request', (target) => `${ask(target)}GARBAGE\r\n\r\n`, '200 web, 400 RequestMalformed'],
]

export const smuggling: readonly Attack[] = family('smuggling', [...framing, ...syntax, ...harmless])
