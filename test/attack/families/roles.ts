import { type Attack, ask, family, message, proofLine, type Row } from '../attack.ts'

const unknown = '404 PathUnknown'
const malformed = '400 RequestMalformed'

/** The attacker's role is `web`, and that of the pod's other container is `other`. */
const rows: readonly Row[] = [
  ['own token', ask, '200 web'],
  [
    "the other's token, had one it",
    (target) => ask(target, { proof: [`Authorization: ${target.other}`] }),
    '200 other',
  ],
  ['two tokens, own first', (target) => ask(target, {}, `Authorization: ${target.other}`), malformed],
  [
    'two tokens, own last',
    (target) => ask(target, { proof: [`Authorization: ${target.other}`] }, proofLine(target)),
    malformed,
  ],
  ['two tokens, other spelling', (target) => ask(target, {}, `authorization: ${target.other}`), malformed],
  [
    'two tokens as a list',
    (target) => ask(target, { proof: [`${proofLine(target)}, ${target.other}`] }),
    '401 EndpointTokenWrong',
  ],
  ['folded token', (target) => ask(target, { proof: [proofLine(target), ` ${target.other}`] }), malformed],
  ['query', (target) => ask(target, { line: `GET ${target.path}?container=worker HTTP/1.1` }), unknown],
  ['query, role', (target) => ask(target, { line: `GET ${target.path}?role=other HTTP/1.1` }), unknown],
  ['path, container', (target) => ask(target, { line: `GET ${target.path}/worker HTTP/1.1` }), unknown],
  ['path, role', (target) => ask(target, { line: `GET ${target.path}/other HTTP/1.1` }), unknown],
  [
    'path, IMDS',
    (target) => ask(target, { line: 'GET /latest/meta-data/iam/security-credentials/other HTTP/1.1' }),
    unknown,
  ],
  [
    'path, token of IMDS',
    (target) => ask(target, { line: 'PUT /latest/api/token HTTP/1.1' }, 'X-aws-ec2-metadata-token-ttl-seconds: 60'),
    unknown,
  ],
  ['cookie', (target) => ask(target, {}, 'Cookie: container=worker; role=other'), '200 web'],
  ['header, container', (target) => ask(target, {}, 'X-Container: worker', 'X-Lanyard-Container: worker'), '200 web'],
  ['header, role', (target) => ask(target, {}, 'X-Amz-Role-Arn: arn:aws:iam::111122223333:role/other'), '200 web'],
  ['Proxy-Authorization', (target) => ask(target, {}, `Proxy-Authorization: ${target.other}`), '200 web'],
  ['both on one connection', (target) => ask(target) + ask(target, { proof: [] }), '200 web, 401 EndpointTokenMissing'],
  [
    "behind the other's request on one connection",
    (target) => ask(target, { proof: [`Authorization: ${target.other}`] }) + ask(target),
    '200 other, 200 web',
  ],
  [
    'own token in a body',
    (target) => message(`GET ${target.path} HTTP/1.1`, 'Host: 127.0.0.1', 'Content-Length: 9') + proofLine(target),
    malformed,
  ],
]

export const roles: readonly Attack[] = family('roles', rows, 'container')
