import { describe, expect, test } from 'vitest'
import {
  answer,
  answerImds,
  createSessionTokens,
  type EndpointRequest,
  type Hold,
  type Reply,
  type Resource,
  type ResourceName,
  resources,
  routesOf,
} from '../../../src/endpoint/index.ts'
import { groupHeaders, held, NOW, none, PORT, TOKEN } from './builders.ts'

const tokens = createSessionTokens(new Uint8Array(32))
const instance = { role: 'web', accountId: '111122223333', region: 'eu-west-1' }
const table = Object.entries(resources) as [ResourceName, Resource][]

/** What a client sends that does everything right, and what another leaves out or gets wrong. */
const headers: Readonly<Record<Resource['protocol'], { readonly right: string[]; readonly wrong: string[][] }>> = {
  container: { right: ['Authorization', TOKEN], wrong: [[], ['Authorization', 'wrong']] },
  imds: {
    right: ['X-aws-ec2-metadata-token', tokens.mint(NOW + 1_000), 'X-aws-ec2-metadata-token-ttl-seconds', '60'],
    wrong: [[], ['X-aws-ec2-metadata-token', 'wrong', 'X-aws-ec2-metadata-token-ttl-seconds', '0']],
  },
}

function ask(
  { protocol, method, path }: Resource,
  sent: readonly string[],
  view = held(),
  target = path,
): Reply | Hold {
  const request: EndpointRequest = {
    method,
    target: target.replace('{role}', 'web'),
    version: '1.1',
    headers: groupHeaders(['Host', '127.0.0.1', ...sent]),
  }
  if (protocol === 'container') {
    const lookup = (token: string) => (token === TOKEN ? view : undefined)
    return answer(request, { port: PORT, lookup, held: true }, NOW)
  }
  const routes = routesOf('imds', instance.role)
  return answerImds(request, { port: PORT, routes, tokens, instance, view: () => view, held: true }, NOW)
}

const codeOf = (answered: Reply | Hold): string => ('hold' in answered ? 'hold' : answered.code)

describe.each(table)('%s', (_name, resource) => {
  const { right, wrong } = headers[resource.protocol]

  test('is answered as the table says', () => {
    const answered = ask(resource, right)
    expect(answered).toMatchObject({ code: 'Success', headers: { 'Content-Type': resource.contentType } })
    const { body } = answered as Reply
    if (resource.fields === undefined) expect(body).not.toMatch(/[{}"\s]/)
    else {
      const document = JSON.parse(body) as Record<string, unknown>
      expect(Object.keys(document)).toEqual(resource.fields)
      expect(Object.values(document).map((value) => typeof value)).toEqual(resource.fields.map(() => 'string'))
    }
  })

  test('refuses for exactly the reasons that the table names', () => {
    const seen = [...wrong.map((sent) => codeOf(ask(resource, sent))), codeOf(ask(resource, right, none()))]
    expect(new Set(seen.filter((code) => code !== 'Success'))).toEqual(new Set(resource.refusals))
  })

  test('answers with a slash more as the table says', () => {
    for (const target of [`${resource.path}/`, `/${resource.path}`])
      expect(codeOf(ask(resource, right, held(), target)) === 'Success').toBe(resource.slashes)
  })
})
