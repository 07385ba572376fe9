import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { formatProblem } from '../../../src/errors/index.ts'
import { identityProvider, identityProviders } from '../../../src/settings/identityProviders.ts'
import { readConfig, recordsText, recordText } from '../../../src/settings/index.ts'
import { integer } from '../../../src/settings/kinds/basic.ts'
import { type InnerProblem, listOf, textKind } from '../../../src/settings/kinds/kind.ts'
import { recordOf, recordsOf } from '../../../src/settings/records.ts'

const word = textKind('a word', 'blue', /^[a-z]+$/, [1, 10])
const kinds = {
  circle: {
    radius: { kind: integer(1, 9), required: true, doc: '' },
    colours: { kind: listOf(word, 'words'), doc: '' },
  },
  square: { colour: { kind: word, default: 'red', doc: '' } },
} as const
const shape = recordOf(kinds, { what: 'a shape', example: { kind: 'circle', radius: 1 } }, (record) =>
  record.kind === 'circle' && record.radius === 7
    ? [{ path: 'radius', problem: 'is unlucky', form: 'another', example: '8' }]
    : [],
)
const shapes = recordsOf(word, shape, 'shapes')
const read = (value: unknown) => shape.parse(JSON.stringify(value))
const insideOf = (value: unknown) => {
  const parsed = read(value)
  return parsed.ok ? [] : (parsed.inside ?? []).map(textOf)
}
const textOf = (one: InnerProblem): string => `${one.path} ${'message' in one ? one.message : one.problem}`

describe('a record', () => {
  it('is read by its kind, with defaults, and keeps the texts that it was read from', () => {
    expect(read({ kind: 'square' })).toEqual({
      ok: true,
      value: { kind: 'square', colour: 'red', texts: { kind: 'square', colour: 'red' } },
    })
    expect(read({ kind: 'circle', radius: 3 })).toEqual({
      ok: true,
      value: { kind: 'circle', radius: 3, texts: { kind: 'circle', radius: '3' } },
    })
  })

  it('takes a list as a list or as text, and nothing for none', () => {
    const value = { kind: 'circle', radius: 3, colours: ['red', 'blue'] }
    for (const colours of [['red', 'blue'], 'red blue', ' red\n blue '])
      expect(read({ ...value, colours, other: undefined })).toMatchObject({ ok: true, value })
    expect(read({ kind: 'circle', radius: 3, colours: null })).toMatchObject({ ok: true, value: { radius: 3 } })
  })

  it.each<[string, unknown, readonly string[]]>([
    ['no kind', {}, ['kind is missing']],
    ['a kind that does not exist', { kind: 'triangle' }, ['kind is "triangle"']],
    ['a kind of every object', { kind: 'constructor' }, ['kind is "constructor"']],
    ['a kind that is no text', { kind: {} }, ['kind is "no text"']],
    [
      'a field of another kind',
      { kind: 'square', color: 'x' },
      ['color there is no such field; did you mean "colour"?'],
    ],
    ['a field that nothing is like', { kind: 'square', something: 'x' }, ['something there is no such field']],
    ['a field of every object', JSON.parse('{"kind":"square","__proto__":1}'), ['__proto__ there is no such field']],
    ['what is required, absent', { kind: 'circle' }, ['radius is missing']],
    ['what is required, null', { kind: 'circle', radius: null }, ['radius is missing']],
    ['a mapping for a text', { kind: 'square', colour: { x: 1 } }, ['colour is neither a text nor a list of texts']],
    [
      'white space in a list',
      { kind: 'circle', radius: 1, colours: ['a b'] },
      ['colours is neither a text nor a list of texts'],
    ],
    [
      'every problem at once',
      { kind: 'circle', radius: 0, colours: '', x: 1 },
      ['x there is no such field', 'radius is "0"', 'colours is empty'],
    ],
    ['what is wrong together, once all else is right', { kind: 'circle', radius: 7 }, ['radius is unlucky']],
    ['no word of that before', { kind: 'circle', radius: 7, colours: '!' }, ['colours is "!"']],
  ])('is told %s', (_what, value, problems) => {
    expect(insideOf(value)).toEqual(problems)
  })

  it.each(['', '[]', 'null', '1', '"x"', '{', '{"kind":'])('is no record: %s', (text) => {
    expect(shape.parse(text)).toEqual({ ok: false, problem: 'is no mapping' })
  })
})

describe('records by their names', () => {
  it('are told by name and field, every problem at once', () => {
    const parsed = shapes.parse(
      '{"One":{"kind":"circle"},"two":{"kind":"circle","radius":0},"three":1,"four":{"kind":"square"}}',
    )
    expect(parsed.ok ? [] : parsed.inside?.map(textOf)).toEqual([
      'One has a name that is "One"',
      'One.radius is missing',
      'two.radius is "0"',
      'three is no mapping',
    ])
  })

  it('may be none', () => {
    expect(shapes.parse('{}')).toEqual({ ok: true, value: new Map() })
    expect(shapes.parse('[]')).toEqual({ ok: false, problem: 'is a list' })
    expect(shapes.parse('1')).toEqual({ ok: false, problem: 'is no mapping of names' })
    expect(shapes.parse('x')).toEqual({ ok: false, problem: 'is no mapping of names' })
  })

  it('never throw, whatever the text is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(typeof shapes.parse(text).ok).toBe('boolean')
        expect(typeof identityProviders.parse(text).ok).toBe('boolean')
      }),
    )
  })
})

describe('in the configuration of the webhook', () => {
  const needed = { 'tls.certFile': '/c', 'tls.keyFile': '/k', 'sidecar.image': 'lanyard:1' }
  const corporate = {
    kind: 'oidc-client-credentials',
    namespaces: ['shop', 'team-*'],
    issuer: 'https://login.example.com',
    stsAudience: 'lanyard',
  }

  it('they are a section of the file', () => {
    const text = `identityProviders:
  corporate:
    kind: oidc-client-credentials
    namespaces: [shop, team-*]
    issuer: https://login.example.com
    stsAudience: lanyard
userRoles:
userProviders: {}
`
    const { values, problems } = readConfig('webhook', { file: { ...needed, ...parseYaml(text) } })
    expect(problems).toEqual([])
    expect(values.identityProviders?.get('corporate')).toMatchObject({
      kind: 'oidc-client-credentials',
      namespaces: ['shop', 'team-*'],
      clientAuthentication: 'service-account-token',
    })
    expect(values.userRoles).toBeUndefined()
    expect(values.userProviders).toEqual(new Map())
  })

  it('they are JSON in a variable or a flag', () => {
    const text = JSON.stringify({ corporate })
    for (const source of [{ env: { LANYARD_IDENTITY_PROVIDERS: text } }, { flags: { 'identity-providers': text } }]) {
      const { values, problems } = readConfig('webhook', { file: needed, ...source })
      expect([problems, values.identityProviders?.get('corporate')?.kind]).toEqual([[], corporate.kind])
    }
    const { problems } = readConfig('webhook', {
      file: needed,
      env: { LANYARD_IDENTITY_PROVIDERS: '{"corporate":{}}' },
    })
    expect(problems.map(({ field }) => field)).toEqual(['LANYARD_IDENTITY_PROVIDERS.corporate.kind'])
  })

  it('they are told with their whole path, every problem at once', () => {
    const file = {
      ...needed,
      identityProviders: {
        corporate: { ...corporate, issuer: 'http://login.example.com', scopes: 'aws' },
        campus: { kind: 'saml', namespaces: 'x', source: 'ecp', principalArn: 'arn:aws:iam::111122223333:role/x' },
      },
      userRoles: { files: { kind: 'role' } },
    }
    expect(readConfig('webhook', { file }).problems.map(formatProblem)).toEqual([
      expect.stringMatching(
        /^SettingInvalid: identityProviders\.corporate\.scopes: there is no such field; did you mean "scope"\? Rename or remove it$/,
      ),
      expect.stringMatching(
        /^SettingInvalid: identityProviders\.corporate\.issuer: the value is "http:.*; it must be an https URL .*\. Write it like https:/,
      ),
      expect.stringMatching(
        /^SettingInvalid: identityProviders\.campus\.principalArn: the value is "arn:aws:iam::111122223333:role\/x"; it must be the ARN of an IAM SAML provider/,
      ),
      expect.stringMatching(/^SettingInvalid: userRoles\.files\.namespaces: the value is missing/),
      expect.stringMatching(/^SettingInvalid: userRoles\.files\.providers: the value is missing/),
      expect.stringMatching(/^SettingInvalid: userRoles\.files\.roleArn: the value is missing/),
    ])
  })

  it.each<[unknown, string]>([
    [['a'], 'the value is a list'],
    [[{ name: 'corporate', ...corporate }], 'the value is a list'],
    ['corporate', 'the value is no mapping of names'],
    [{ corporate: [corporate] }, 'the value is no mapping'],
  ])('what must be a mapping is told as such: %j', (identityProviders, expected) => {
    const { problems } = readConfig('webhook', { file: { ...needed, identityProviders } })
    expect(problems.map(({ message }) => message.split(';')[0])).toEqual([expected])
    expect(problems[0]?.fix).toMatch(/^Write it like \{/)
  })
})

it.each([
  ['"12345678901234567890"', []],
  ['12345678901234567890', ['userProviders.fb.clientIds']],
  ['[1234567890123456, 12345678901234567890]', ['userProviders.fb.clientIds']],
])('an ID that is too long for a number is refused without quotes, not changed: %s', (clientIds, fields) => {
  const file: unknown = JSON.parse(`{"userProviders":{"fb":{"kind":"facebook","clientIds":${clientIds}}}}`)
  const { problems } = readConfig('webhook', { file })
  expect(problems.map(({ field }) => field).filter((field) => field?.startsWith('userProviders'))).toEqual(fields)
})

describe('the text of a record', () => {
  it('is sorted, without what is not for the pod, and escapes as Go does', () => {
    const texts = { kind: 'saml', namespaces: 'shop', b: '<a href="x">&\u2028\u2029</a>', a: 'é\n$(X)' }
    expect(recordText(texts, ['namespaces'])).toBe(
      '{"a":"é\\n$(X)","b":"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029\\u003c/a\\u003e","kind":"saml"}',
    )
    expect(
      recordsText(
        new Map([
          ['z', { kind: 'b', a: '1' }],
          ['b', {}],
        ]),
      ),
    ).toBe('{"b":{},"z":{"a":"1","kind":"b"}}')
    expect(recordsText(new Map([['z', texts]]), ['namespaces', 'a', 'b'])).toBe('{"z":{"kind":"saml"}}')
  })

  it('is sorted by names that are numbers like by any other, as Go does', () => {
    const names = ['9', 'a', '10', '1a', '2']
    expect(recordsText(new Map(names.map((name) => [name, {}])))).toBe('{"10":{},"1a":{},"2":{},"9":{},"a":{}}')
  })

  it('does not depend on the order in which anything was written, and is read as the same record', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.entries(saml), { minLength: Object.keys(saml).length }), (fields) => {
        const parsed = identityProvider.parse(JSON.stringify(Object.fromEntries(fields)))
        if (!parsed.ok) throw new Error(JSON.stringify(parsed))
        const text = recordText(parsed.value.texts ?? {})
        expect(text).toBe(canonical)
        expect(identityProvider.parse(text)).toEqual(parsed)
      }),
    )
  })
  const saml = {
    kind: 'saml',
    namespaces: ['shop', 'team-*'],
    source: 'ecp',
    principalArn: 'arn:aws:iam::111122223333:saml-provider/c',
    endpoint: 'https://idp.example.edu/ecp',
    secretName: 'login',
    metadata: '<EntityDescriptor>&amp;</EntityDescriptor>',
  }
  const once = identityProvider.parse(JSON.stringify(saml))
  const canonical = once.ok ? recordText(once.value.texts ?? {}) : ''
})
