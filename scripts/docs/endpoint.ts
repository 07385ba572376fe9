import {
  type EndpointProtocol,
  type ReplyCode,
  type ReplyRow,
  type Resource,
  replies,
  resources,
} from '../../src/endpoint/index.ts'
import { describe } from '../../src/errors/index.ts'
import { anchor, code, codes, heading, table } from './markdown.ts'

const about = `The sidecar listens on \`http://127.0.0.1:9797\` ([\`lanyard.dev/credentials-port\`](annotations.md#credentials-port)) and
speaks one of two protocols, as the pod asks by [\`lanyard.dev/protocol\`](annotations.md#protocol). SDKs find it by the variables
that the webhook writes; nobody needs to write a client. Which SDKs were tried, and how they behave, is in
[compatibility](../compatibility.md).

Common to both:

- Plain HTTP/1.1 (or 1.0) on the pod's loopback; a request has no body, and its path is one of those below.
- \`Host\` is \`127.0.0.1\`, with the port or without. Every other name is refused, and so is what carries \`Origin\` or was
  forwarded by a proxy.
- Answers have \`Cache-Control: no-store\`; 405 has an \`Allow\` with the methods of the path. Times are \`YYYY-MM-DDTHH:MM:SSZ\`.
- An error is JSON with the same in two spellings: \`code\` and \`message\`, \`Code\` and \`Message\`.
- While there are no credentials, a request for them is held for up to 700 ms (IMDSv2: 400 ms) before it is
  answered 503. Credentials that have
  less than a minute left are not served.
`

const protocols: Readonly<Record<EndpointProtocol, { readonly title: string; readonly about: string }>> = {
  container: {
    title: 'Container credentials protocol',
    about:
      'Every request carries `Authorization` with the endpoint token of its container, as it is in the file that `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names: no scheme before it, no line end behind it.',
  },
  imds: {
    title: 'IMDSv2',
    about:
      'A `PUT` with `X-aws-ec2-metadata-token-ttl-seconds` (1 to 21600) gives a session token; every other request carries it in `X-aws-ec2-metadata-token`. There is no version 1. Paths are answered with a slash more before or behind them as well.',
  },
}

/** docs/reference/endpoint.md: what can be asked of the sidecar, and what is answered. */
export const endpointPage = (): string =>
  [
    heading('The credentials endpoint', 'For whoever wants to know what an SDK and the sidecar say to each other.'),
    about,
    ...(Object.keys(protocols) as EndpointProtocol[]).flatMap(chapter),
    '## Answers',
    '',
    table(['Code', 'Status', 'Headers', 'Why'], (Object.keys(replies) as ReplyCode[]).map(replyRow)),
  ].join('\n')

function chapter(protocol: EndpointProtocol): readonly string[] {
  const own = Object.values<Resource>(resources).filter((resource) => resource.protocol === protocol)
  const rows = own.map(({ method, path, contentType, doc, fields, refusals }) => [
    code(`${method} ${path}`),
    `${doc}${fields === undefined ? '' : ` Fields: ${codes(fields)}.`}`,
    code(contentType),
    refusals.map((name) => `[${name}](#${name})`).join(', '),
  ])
  const { title, about: words } = protocols[protocol]
  return [
    `## ${title}`,
    '',
    words,
    '',
    table(['Request', 'What 200 holds', 'Content-Type', 'Refusals of its own'], rows),
  ]
}

function replyRow(name: ReplyCode): readonly string[] {
  const { status, headers = {} }: ReplyRow = replies[name]
  const lines = codes(Object.entries(headers).map(([key, value]) => `${key}: ${value}`))
  const why = name === 'Success' ? 'What was asked for.' : `${describe(name).cause} [What to do](errors.md#${name}).`
  return [`${anchor(name)}${code(name)}`, String(status), lines, why]
}
