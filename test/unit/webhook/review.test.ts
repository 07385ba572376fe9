import { describe, expect, test } from 'vitest'
import { parseReview, type Review } from '../../../src/webhook/review.ts'
import { pod, review, uid } from './reviews.ts'

function parsed(body: unknown): Review {
  const result = parseReview(body)
  if (result.kind !== 'review') throw new Error(`refused: ${result.problem.message}`)
  return result.review
}

function problemOf(body: unknown) {
  const result = parseReview(body)
  if (result.kind !== 'problem') throw new Error('was accepted')
  return result.problem
}

test('takes out of a review what matters', () => {
  expect(parsed(review())).toEqual({
    uid,
    operation: 'CREATE',
    namespace: 'shop',
    name: '',
    generateName: 'web-5d4f-',
    dryRun: false,
    podCreation: true,
    object: pod(),
  })
})

test('the namespace is the one of the request, whatever the object says', () => {
  const object = pod({ metadata: { name: 'own', namespace: 'kube-system' } })
  expect(parsed(review({ object }))).toMatchObject({ namespace: 'shop', name: 'own' })
})

test('dry run and the name of the request are read', () => {
  expect(parsed(review({ dryRun: true, name: 'web-0' }))).toMatchObject({ dryRun: true, name: 'web-0' })
})

test.each([
  ['an update', { operation: 'UPDATE' }],
  ['a deletion, whose object is null', { operation: 'DELETE', object: null }],
  ['a subresource', { subResource: 'ephemeralcontainers' }],
  ['a binding', { resource: { group: '', version: 'v1', resource: 'pods' }, subResource: 'binding' }],
  ['a deployment', { resource: { group: 'apps', version: 'v1', resource: 'deployments' } }],
  ['pods of another group', { resource: { group: 'metrics.k8s.io', version: 'v1', resource: 'pods' } }],
  ['something without a namespace', { resource: { group: '', version: 'v1', resource: 'nodes' }, namespace: '' }],
  ['a connection', { operation: 'CONNECT', subResource: 'exec', object: { kind: 'PodExecOptions' } }],
])('%s is not the creation of a pod', (_what, request) => {
  expect(parsed(review(request)).podCreation).toBe(false)
})

test('an empty subresource is none', () => {
  expect(parsed(review({ subResource: '' })).podCreation).toBe(true)
})

describe('versions', () => {
  test.each(['admission.k8s.io/v1beta1', 'admission.k8s.io/v2', 'v1', '', 1, null, undefined, {}])(
    '%j is refused',
    (it) => {
      expect(problemOf(review({}, { apiVersion: it }))).toMatchObject({ code: 'ReviewVersion', field: 'apiVersion' })
    },
  )

  test('a hostile version is bounded in the message', () => {
    const { message } = problemOf(review({}, { apiVersion: `\u001b[2J${'v'.repeat(1_000_000)}` }))
    expect(message.length).toBeLessThan(120)
    expect(message).not.toContain('\u001b')
  })
})

test.each([null, undefined, 1, 'text', [], [review()], {}, { kind: 'Pod' }, review({}, { kind: 'ConversionReview' })])(
  '%j is no AdmissionReview',
  (body) => {
    expect(problemOf(body)).toMatchObject({ code: 'ReviewMalformed', field: 'kind' })
  },
)

test.each([null, undefined, [], 'text', 1])('a request that is %j is refused', (request) => {
  expect(problemOf(review({}, { request }))).toMatchObject({ code: 'ReviewMalformed', field: 'request' })
})

describe.each<[string, unknown[]]>([
  ['uid', [undefined, null, '', 1, {}, 'u'.repeat(129), 'a\nb', 'a b', 'ü', '\u001b']],
  ['operation', [undefined, null, '', 'create', 'PATCH', 1, ['CREATE']]],
  ['resource', [undefined, null, 'pods', [], 1]],
  ['subResource', [1, {}, true]],
  ['name', [1, {}, true]],
  ['dryRun', ['true', 1, {}]],
  ['namespace', [undefined, null, '', 1, {}, 'Shop', 'a.b', '-a', 'n'.repeat(64), 'a\n', '../x']],
  ['object', [undefined, null, 'pod', [], 1]],
])('request.%s', (field, values) => {
  test.each(values)('%j is refused', (value) => {
    expect(problemOf(review({ [field]: value }))).toMatchObject({ code: 'ReviewMalformed', field: `request.${field}` })
  })
})

test('names are bounded and printable, wrong ones are none', () => {
  const object = pod({ metadata: { generateName: 'x\r\n'.repeat(1_000_000) } })
  const { generateName, name } = parsed(review({ object, name: 'n\u0000'.repeat(300) }))
  expect(generateName).toHaveLength(253)
  expect(name).toHaveLength(253)
  expect(`${generateName}${name}`).toMatch(/^[a-z …]+$/)
  expect(parsed(review({ object: pod({ metadata: { generateName: 7, name: {} } }) }))).toMatchObject({
    name: '',
    generateName: '',
  })
  expect(parsed(review({ object: pod({ metadata: 'none' }) }))).toMatchObject({ name: '', generateName: '' })
})

test('a key __proto__ is data like any other', () => {
  const body: unknown = JSON.parse('{"__proto__":{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}}')
  expect(problemOf(body).code).toBe('ReviewMalformed')
  expect(Reflect.get({}, 'kind')).toBeUndefined()
})
